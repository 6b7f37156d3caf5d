import Config
import Records

/// Whether what a config says of training goes with what it asks of every bag.
enum TargetChecks {
    static func problems(of reading: StudyReading) -> [Problem] {
        let (training, cohort) = (reading.config.training, reading.cohort)
        let kind = reading.config.cohort.target
        var problems: [Problem] = []
        func add(_ key: String, _ what: String) { problems.append(Problem(.config, "training.\(key)", what)) }
        if training.classWeights != .none {
            let weights: [Double]? = if case .given(let weights) = training.classWeights { weights } else { nil }
            switch kind {
            case .class, .ordinal, .labels:
                let what = kind == .labels ? "label" : "class"
                if let weights, weights.count != cohort.classes.count {
                    let counts =
                        "\(weights.count) weights are given for \(cohort.classes.count) \(kind == .labels ? "labels" : "classes")"
                    add("class_weights", "\(counts); one for every \(what) is wanted")
                }
            case .number, .survival:
                add("class_weights", "with target \(kind.rawValue) there are no classes; leave it out")
            }
        }
        if let selection = training.selection, selection.isOfClasses, kind != .class {
            add(
                "selection",
                "\(selection.rawValue) looks at figures of classes; with target \(kind.rawValue), loss or last is wanted"
            )
        }
        let ofSurvival: [(String, Bool)] = [
            ("survival_loss", training.survivalLoss != nil), ("survival_bins", training.survivalBins != nil),
            ("survival_alpha", training.survivalAlpha != nil), ("risk_set", training.riskSet != nil),
        ]
        for (key, isGiven) in ofSurvival where isGiven && kind != .survival {
            add(key, "it is of survival, and target is \(kind.rawValue); leave it out")
        }
        if training.numberLoss != nil, kind != .number {
            add("number_loss", "it is of numbers, and target is \(kind.rawValue); leave it out")
        }
        if kind != .survival {
            let columns = reading.config.cohort.columns
            let others: [(String, Bool)] = [
                ("evaluation.times", reading.config.evaluation.times != nil),
                ("cohort.columns.time", columns.time != nil),
                ("cohort.columns.event", columns.event != nil),
                ("cohort.time_unit", reading.config.cohort.timeUnit != CohortConfig().timeUnit),
            ]
            for (key, isGiven) in others where isGiven {
                let what =
                    "it is of survival, and cohort.target is \(kind.rawValue); give \"target\": \"survival\", or leave it out"
                problems.append(Problem(.config, key, what))
            }
        }
        if kind != .labels, reading.config.cohort.columns.labels != nil {
            let what =
                "it is of labels, and cohort.target is \(kind.rawValue); give \"target\": \"labels\", or leave it out"
            problems.append(Problem(.config, "cohort.columns.labels", what))
        }
        let isCox = training.survivalLoss == .cox
        if isCox, training.survivalAlpha != nil {
            add("survival_alpha", "it is of hazards, and survival_loss is cox; leave it out")
        }
        if !isCox, kind == .survival, training.riskSet != nil {
            add("risk_set", "it is of cox, and survival_loss is hazards; leave it out")
        }
        return problems
    }

    /// What is asked, in numbers, and what of the model then stays unused.
    static func notes(of reading: StudyReading) -> [String] {
        let cohort = reading.cohort
        var notes: [String] = []
        switch cohort.kind {
        case .class, .ordinal: break
        case .labels:
            let unknown = cohort.classes.indices.map { place in
                cohort.slides.count { $0.target.labels?[place] == nil }
            }
            let words = zip(cohort.classes, unknown).filter { $1 > 0 }.map { "\($0) of \($1)" }
            if !words.isEmpty {
                notes.append("labels that are not known are left out of losses and figures: \(words.shortened) slides")
            }
        case .number:
            let numbers = cohort.slides.compactMap(\.target.number)
            if let low = numbers.min(), let high = numbers.max() {
                notes.append("\(cohort.classes.first ?? "the number") is asked, from \(low) to \(high)")
            }
        case .survival:
            let cases = cohort.cases.values.compactMap { $0.first?.target.survival }
            let events = cases.count(where: \.isEvent)
            notes.append(
                "survival is asked: \(events) events of \(cases.count) cases, in \(cohort.classes.first ?? "")"
            )
        }
        if case .clam(let config) = reading.config.model, cohort.kind != .class, config.bagWeight < 1 {
            notes.append("CLAM's clustering of instances needs classes and is off with target \(cohort.kind.rawValue)")
        }
        let averages =
            switch reading.config.model {
            case .dsmil(let config): config.mean == .probabilities
            case .mhim(let config): config.host == .dsmil && config.version == 1
            default: false
            }
        if averages, cohort.kind != .class {
            notes.append("DSMIL averages numbers in place of probabilities with target \(cohort.kind.rawValue)")
        }
        return notes
    }
}
