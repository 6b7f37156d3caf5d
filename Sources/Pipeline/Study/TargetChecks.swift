import Config
import Records

/// Whether what a config says of training goes with what it asks of every bag.
enum TargetChecks {
    static func problems(of reading: StudyReading) -> [Problem] {
        SearchChecks.problems(of: reading) { problems(of: reading, $0) }
    }

    /// - Parameter config: the study's, or that of one of the candidates of its search.
    private static func problems(of reading: StudyReading, _ config: PipelineConfig) -> [Problem] {
        let (training, cohort) = (config.training, reading.cohort)
        let kinds = config.cohort.kinds
        let isOne = kinds.count == 1
        // Beside others a target of a kind is enough.
        let kind = kinds[0]
        func asks(_ wanted: Target.Kind) -> Bool { kinds.contains(wanted) }
        let asked = isOne ? "target is \(kind.rawValue)" : "no target is"
        var problems: [Problem] = []
        func add(_ key: String, _ what: String) { problems.append(Problem(.config, "training.\(key)", what)) }
        if training.classWeights != .none {
            let weights: [Double]? = if case .given(let weights) = training.classWeights { weights } else { nil }
            switch kind {
            case _ where !isOne:
                if weights != nil {
                    add(
                        "class_weights",
                        "a list is of one target, and there are \(kinds.count); balanced or none is wanted"
                    )
                }
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
        if let selection = training.selection, selection.isOfClasses, kind != .class || !isOne {
            let with = isOne ? "target \(kind.rawValue)" : "several targets"
            add(
                "selection",
                "\(selection.rawValue) looks at figures of classes; with \(with), loss or last is wanted"
            )
        }
        let ofSurvival: [(String, Bool)] = [
            ("survival_loss", training.survivalLoss != nil), ("survival_bins", training.survivalBins != nil),
            ("survival_alpha", training.survivalAlpha != nil), ("risk_set", training.riskSet != nil),
        ]
        for (key, isGiven) in ofSurvival where isGiven && !asks(.survival) {
            add(key, "it is of survival, and \(asked); leave it out")
        }
        if training.numberLoss != nil, !asks(.number) {
            add("number_loss", "it is of numbers, and \(asked); leave it out")
        }
        if !asks(.survival) {
            let columns = config.cohort.columns
            let others: [(String, Bool)] = [
                ("evaluation.times", config.evaluation.times != nil),
                ("cohort.columns.time", columns.time != nil),
                ("cohort.columns.event", columns.event != nil),
                ("cohort.time_unit", config.cohort.timeUnit != CohortConfig().timeUnit),
            ]
            for (key, isGiven) in others where isGiven {
                let what =
                    "it is of survival, and cohort.\(asked); give \"target\": \"survival\", or leave it out"
                problems.append(Problem(.config, key, what))
            }
        }
        if !asks(.labels), config.cohort.columns.labels != nil {
            let what =
                "it is of labels, and cohort.target is \(kind.rawValue); give \"target\": \"labels\", or leave it out"
            problems.append(Problem(.config, "cohort.columns.labels", what))
        }
        for explanation in config.heatmap.explain ?? [] {
            guard let refusal = config.model.refusal(of: explanation) else { continue }
            problems.append(Problem(.config, "heatmap.explain", "\(refusal); leave it out"))
        }
        do { try training.checkSteps(of: config.model, kind: asks(.survival) ? .survival : kind) } catch {
            problems += Problem.all(of: error, file: (error as? ConfigError)?.subject ?? "training")
        }
        if let fault = training.optionFault(for: config.model, asked: kinds) { add(fault.key, fault.what) }
        let isCox = training.survivalLoss == .cox
        if isCox, training.survivalAlpha != nil {
            add("survival_alpha", "it is of hazards, and survival_loss is cox; leave it out")
        }
        if !isCox, asks(.survival), training.riskSet != nil {
            add("risk_set", "it is of cox, and survival_loss is hazards; leave it out")
        }
        switch training.targetAttention {
        case nil: break
        case .shared? where !isOne, .each? where !isOne && config.model.canAttendEach: break
        case _ where isOne: add("target_attention", "it is of cohort.targets, and one target is asked; leave it out")
        default:
            add(
                "target_attention",
                "\(config.model.kind.rawValue) has no attention for each target; take abmil, or clam of the variant sb, or share it"
            )
        }
        return problems
    }

    /// What is asked, in numbers, and what of the model then stays unused.
    static func notes(of reading: StudyReading) -> [String] {
        let cohort = reading.cohort
        let notes = cohort.questions.indices.flatMap { Self.notes(of: cohort.asking($0)) }
        let unused = ((try? reading.config.alternatives) ?? []).flatMap { unusedNotes(of: cohort, $0.config.model) }
        return unused.reduce(into: notes) { notes, note in
            if !notes.contains(note) { notes.append(note) }
        }
    }

    private static func unusedNotes(of cohort: Cohort, _ model: ModelConfig) -> [String] {
        var notes: [String] = []
        let hasOthers = cohort.kind != .class || cohort.targets != nil
        let target = cohort.targets == nil ? "target \(cohort.kind.rawValue)" : "several targets"
        if case .clam(let config) = model, hasOthers, config.bagWeight < 1 {
            notes.append("CLAM's clustering of instances needs classes and is off with \(target)")
        }
        let averages =
            switch model {
            case .dsmil(let config): config.mean == .probabilities
            case .mhim(let config): config.host == .dsmil && config.version == 1
            default: false
            }
        if averages, hasOthers {
            notes.append("DSMIL averages numbers in place of probabilities with \(target)")
        }
        return notes
    }

    /// Of one target.
    private static func notes(of cohort: Cohort) -> [String] {
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
        return notes
    }
}
