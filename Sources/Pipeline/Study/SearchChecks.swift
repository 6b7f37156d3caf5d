import Config
import Records

/// What a search asks of a study, and what it will cost.
enum SearchChecks {
    /// The problems of every config that folds may be trained with; those that all candidates of a search have stand alone, the others
    /// behind the first candidate that has them.
    static func problems(of reading: StudyReading, _ check: (PipelineConfig) -> [Problem]) -> [Problem] {
        let all: [(candidate: SearchCandidate?, config: PipelineConfig)]
        do { all = try reading.config.alternatives } catch {
            return Problem.all(of: error, file: (error as? ConfigError)?.subject ?? "search")
        }
        guard all.count > 1 else { return all.flatMap { check($0.config) } }
        var found: [(problem: Problem, candidates: [SearchCandidate])] = []
        for (candidate, config) in all {
            for problem in check(config) {
                if let place = found.firstIndex(where: { $0.problem == problem }) {
                    found[place].candidates += [candidate].compactMap(\.self)
                } else {
                    found.append((problem, [candidate].compactMap(\.self)))
                }
            }
        }
        return found.map { problem, candidates in
            guard candidates.count < all.count, let first = candidates.first else { return problem }
            var problem = problem
            let others = candidates.count > 1 ? " and \(candidates.count - 1) more" : ""
            problem.message = "search: \(first.words)\(others): \(problem.message)"
            return problem
        }
    }

    /// What the candidates are compared by; nil without a search, or with one that cannot be made.
    static func measure(of reading: StudyReading) -> Recipe.Selection? {
        guard let search = reading.config.search, let candidates = try? reading.config.candidates else { return nil }
        let cohort = reading.cohort
        return search.measure(candidates, classes: cohort.classes.count, kind: cohort.selectionKind)
    }

    /// What of the search and the target does not go together.
    static func problems(of reading: StudyReading) -> [Problem] {
        guard let search = reading.config.search else { return [] }
        var problems: [Problem] = []
        let isOfClass = reading.cohort.selectionKind == .class
        if let measure = search.measure, measure.isOfClasses, !isOfClass {
            let what = "\(measure.rawValue) is of one target of classes; leave it out, or take loss"
            problems.append(Problem(.config, "search.measure", what))
        }
        let weighs = reading.config.cohort.kinds.count > 1 || reading.cohort.kind == .labels
        if search.training?.values["class_weights"] != nil, weighs {
            let what = "with this target it changes the loss that candidates are compared by; set it in training"
            problems.append(Problem(.config, "search.training.class_weights", what))
        }
        return problems
    }

    /// How many trainings there will be, before any of them.
    static func notes(of reading: StudyReading) -> [String] {
        let config = reading.config
        guard let search = config.search, let candidates = try? config.candidates, let measure = measure(of: reading),
            let combinations = try? search.combinations(config.model, config.training), !reading.splits.isEmpty
        else { return [] }
        let (folds, seeds) = (reading.splits.count, config.training.seeds?.list.count ?? 1)
        let drawn =
            candidates.count < combinations
            ? "\(candidates.count) of \(combinations) combinations, drawn by seed \(search.seed)"
            : "all \(candidates.count) combinations"
        let ofSeeds = seeds > 1 ? " × \(seeds) seeds" : ""
        let foldWords = "\(folds) fold\(folds == 1 ? "" : "s")"
        return [
            "search: \(drawn), compared by \(measure.rawValue) on the validation part of each fold: "
                + "\(foldWords)\(ofSeeds) × \(candidates.count) candidates = \(folds * seeds * candidates.count) trainings"
        ]
    }
}
