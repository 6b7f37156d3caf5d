import Records

/// What a plain regression reaches on numbers that should not give the class away (tissue area, file size, mean colour,
/// mean features): trained on each fold's training and validation parts, tested on its test part, pooled over folds.
struct ShortcutControl {
    let folds: [FoldPredictions]

    /// Pooled macro AUC of `numbers` by slide.
    ///
    /// Slides without numbers are left out. nil where no fold has two classes to learn, or the pool lacks a class.
    func auc(_ numbers: [SlideID: [Double]]) throws -> Double? {
        guard let width = numbers.values.first?.count, width > 0 else { return nil }
        guard numbers.values.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) }) else {
            throw MILError.unusable(
                subject: "shortcut control",
                reason: "the slides' numbers differ in count or are not finite"
            )
        }
        var pool: [JudgedClass] = []
        for fold in folds {
            let known = fold.rows.compactMap { row in
                numbers[row.slide].flatMap { numbers in row.judged.ofClass.map { (row.part, numbers, $0) } }
            }
            let learned = known.filter { $0.0 != "test" }
            let inputs = learned.map(\.1)
            guard Set(learned.map(\.2.label)).count > 1 else { continue }
            // Two classes need one regression; more need one per class against the rest.
            let labels = fold.classes.count == 2 ? [1] : Array(fold.classes.indices)
            let models = try labels.map { label -> LogisticRegression? in
                let positive = learned.map { $0.2.label == label }
                return Set(positive).count > 1 ? try LogisticRegression(inputs, positive: positive) : nil
            }
            for (part, numbers, judged) in known where part == "test" {
                let scores = models.map { $0?(numbers) ?? -.infinity }
                pool.append(
                    JudgedClass(
                        caseID: judged.caseID,
                        label: judged.label,
                        probabilities: fold.classes.count == 2 ? [-scores[0], scores[0]] : scores,
                        decision: 0
                    )
                )
            }
        }
        return Metrics.macroAUC(pool)
    }
}
