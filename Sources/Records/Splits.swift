/// Cutting a cohort into folds, by case (docs/decisions/010).
///
/// The unit of training is the slide, so the slides of a case may differ in label (lymph nodes of one patient). Cases are
/// stratified by the set of labels that their slides have.
public enum Splits {
    /// Cross-validation: every slide is in exactly one test part; the rest of its fold is training and validation.
    ///
    /// - Parameter validationFraction: share of the training cases of each class that becomes the validation part; at
    ///   least one case of a class, as long as another one is left to train on.
    /// - Throws: `Failure` (`.usage`) where a class has fewer cases than folds; it names the largest k that is possible.
    public static func folds(
        _ count: Int,
        of cohort: Cohort,
        validationFraction: Double = 0.15,
        seed: UInt64
    ) throws -> [Split] {
        guard count >= 2 else { throw Failure(.usage, "folds", "\(count) folds cannot be made; at least 2 are wanted") }
        let strata = Strata(cohort.slides, needs: cohort.strataNeeds)
        let cases = cohort.needs.map { ($0.name, cohort.cases($0)) }
        for (name, own) in cases where own < count {
            let most = cases.map(\.1).min() ?? 0
            throw Failure(
                .usage,
                "folds",
                "\(name) has \(own) case\(own == 1 ? "" : "s"), fewer than \(count) folds; "
                    + (most >= 2 ? "use at most \(most) folds" : cohort.kind.wayOut)
            )
        }
        let foldOfCase = strata.dealt(to: count, seed: seed)
        return try (0..<count).map { fold in
            let tested = foldOfCase.filter { $0.value == fold }.keys
            return try holdingOut(Set(tested), fold, of: cohort, validationFraction, seed: seed)
        }
    }

    /// Monte-Carlo cross-validation: in every fold a stratified share of the cases is tested, drawn anew.
    /// - Throws: `Failure` (`.usage`) where a class has a single case: it cannot be both trained on and tested.
    public static func monteCarlo(
        _ count: Int,
        of cohort: Cohort,
        testFraction: Double,
        validationFraction: Double,
        seed: UInt64
    ) throws -> [Split] {
        let strata = Strata(cohort.slides, needs: cohort.strataNeeds)
        for need in cohort.needs where cohort.cases(need) < 2 {
            throw Failure(
                .usage,
                "monte_carlo",
                "\(need.name) has \(cohort.cases(need)) case\(cohort.cases(need) == 1 ? "" : "s"); two are needed, one to train on and one to test"
            )
        }
        return try (0..<count).map { fold in
            let tested = strata.drawn(testFraction, seed: seed, "monte carlo", fold)
            return try holdingOut(tested, fold, of: cohort, validationFraction, seed: seed)
        }
    }

    /// One fold per site, in the order of their names: its cases are tested by a model that has seen no other case of it.
    /// - Parameter precedes: the order of two names.
    /// - Throws: `Failure` (`.usage`) for fewer than two sites.
    public static func bySite(
        _ siteOfCase: [String: String],
        of cohort: Cohort,
        validationFraction: Double,
        seed: UInt64,
        precedes: (String, String) -> Bool = { $0 < $1 }
    ) throws -> [Split] {
        let sites = Dictionary(grouping: Set(cohort.slides.map(\.caseID)), by: { siteOfCase[$0] ?? "" })
        guard sites.count >= 2 else {
            throw Failure(.usage, "site", "all cases are of one site; to hold one out, two are needed")
        }
        return try sites.sorted { precedes($0.key, $1.key) }.enumerated().map { fold, site in
            try holdingOut(Set(site.value), fold, of: cohort, validationFraction, seed: seed)
        }
    }

    private static func holdingOut(
        _ tested: Set<String>,
        _ fold: Int,
        of cohort: Cohort,
        _ validationFraction: Double,
        seed: UInt64
    ) throws -> Split {
        let (test, rest) = parted(cohort.slides, by: tested)
        let split = Split(fold: fold, train: rest.map(\.slide), validation: [], test: test.map(\.slide))
        return try carving(rest, needs: cohort.strataNeeds, from: split, fraction: validationFraction, seed: seed)
    }

    /// In one pass: a cohort may have a million slides.
    private static func parted(_ slides: [CohortSlide], by cases: Set<String>) -> (
        of: [CohortSlide], others: [CohortSlide]
    ) {
        var (own, others): ([CohortSlide], [CohortSlide]) = ([], [])
        for slide in slides { if cases.contains(slide.caseID) { own.append(slide) } else { others.append(slide) } }
        return (own, others)
    }

    /// Moves a stratified share of the training cases to the validation part, for splits that come without one.
    /// - Throws: `Failure` (`.usage`) where every training case is the last of its kind.
    public static func carvingValidation(
        from split: Split,
        of cohort: Cohort,
        fraction: Double = 0.15,
        seed: UInt64
    ) throws -> Split {
        let training = Set(split.train)
        let slides = cohort.slides.filter { training.contains($0.slide) }
        return try carving(slides, needs: cohort.strataNeeds, from: split, fraction: fraction, seed: seed)
    }

    /// Takes a stratified share of the training cases out of a split, by a seed that is the same for all trainings of it.
    /// - Returns: the split without them, and their slides.
    /// - Throws: `Failure` (`.usage`) where every training case is the last of its kind.
    public static func settingAside(
        _ fraction: Double,
        of split: Split,
        in cohort: Cohort
    ) throws -> (rest: Split, aside: [SlideID]) {
        let training = Set(split.train)
        let slides = cohort.slides.filter { training.contains($0.slide) }
        let chosen = Strata(slides, needs: cohort.strataNeeds).drawn(fraction, seed: 0, "calibration", split.fold)
        guard !chosen.isEmpty else {
            throw Failure(
                .usage,
                "fold \(split.fold)",
                "no training case can be set aside for calibration: each is the last of its kind; add cases or leave out "
                    + "evaluation.calibration_fraction"
            )
        }
        let aside = parted(slides, by: chosen).of.map(\.slide)
        let taken = Set(aside)
        var rest = split
        rest.train.removeAll(where: taken.contains)
        return (rest, aside)
    }

    /// - Parameter slides: those of the training part, in the cohort's order.
    private static func carving(
        _ slides: [CohortSlide],
        needs: [TargetNeed],
        from split: Split,
        fraction: Double,
        seed: UInt64
    ) throws -> Split {
        let chosen = Strata(slides, needs: needs).drawn(fraction, seed: seed, "validation", split.fold)
        guard !chosen.isEmpty else {
            throw Failure(
                .usage,
                "fold \(split.fold)",
                "no training case can be spared for a validation part: each is the last of its kind; add cases or give the split"
            )
        }
        var cut = split
        let (validation, train) = parted(slides, by: chosen)
        (cut.train, cut.validation) = (train.map(\.slide), validation.map(\.slide))
        return cut
    }

    /// Checks splits from anywhere: known slides, no slide or case on two sides, no slide tested in two folds.
    /// - Parameter repeats: whether a slide may be tested in several folds, as in Monte-Carlo and repeated cross-validation.
    /// - Throws: `Failure` with `.leakage` (exit 5) naming the case, or `.usage` for the rest.
    public static func check(_ splits: [Split], of cohort: Cohort, repeats: Bool = false) throws {
        let caseOf = Dictionary(cohort.slides.map { ($0.slide, $0.caseID) }, uniquingKeysWith: { first, _ in first })
        var testedIn: [SlideID: Int] = [:]
        for split in splits {
            var sideOfCase: [String: String] = [:]
            var seen: Set<SlideID> = []
            for (side, slides) in [("train", split.train), ("validation", split.validation), ("test", split.test)] {
                for slide in slides {
                    guard let owner = caseOf[slide] else {
                        throw Failure(.usage, slide.text, "fold \(split.fold) names this slide, but it has no label")
                    }
                    if let other = sideOfCase[owner], other != side {
                        throw Failure(
                            .leakage,
                            owner,
                            "fold \(split.fold) has slides of this case in \(other) and in \(side); keep a case on one side"
                        )
                    }
                    sideOfCase[owner] = side
                    guard seen.insert(slide).inserted else {
                        throw Failure(.usage, slide.text, "fold \(split.fold) names this slide twice")
                    }
                }
            }
            for slide in split.test where !repeats {
                if let other = testedIn.updateValue(split.fold, forKey: slide) {
                    throw Failure(
                        .usage,
                        slide.text,
                        "tested in fold \(other) and in fold \(split.fold); pooled metrics want every slide tested once"
                    )
                }
            }
            for (side, slides) in [("training", split.train), ("test", split.test)] where slides.isEmpty {
                throw Failure(.usage, "fold \(split.fold)", "the \(side) part is empty")
            }
        }
    }
}
