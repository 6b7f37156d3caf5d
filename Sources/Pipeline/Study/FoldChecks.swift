import Config
import Evaluation
import Foundation
import Records

/// What the training of each fold would refuse, said before any work.
enum FoldChecks {
    /// The training and validation parts of a fold, as they are trained on.
    private struct Parts {
        var fold: Int
        var train: [CohortSlide]
        var validation: [CohortSlide]
    }

    private static func parts(of reading: StudyReading) -> [Parts] {
        let cohort = reading.cohort
        let entries = Dictionary(uniqueKeysWithValues: cohort.slides.map { ($0.slide, $0) })
        func part(_ slides: [SlideID]) -> [CohortSlide] {
            let own = slides.compactMap { entries[$0] }
            guard reading.config.cohort.unit == .case else { return own }
            return (try? cohort.with(own).byCase().slides) ?? own
        }
        return reading.splits.map {
            Parts(fold: $0.fold, train: part($0.train), validation: part($0.validation))
        }
    }

    static func problems(of reading: StudyReading) -> [Problem] {
        // What is wrong with labels and splits is said first.
        guard reading.problems.isEmpty, !reading.splits.isEmpty else { return [] }
        return SearchChecks.problems(of: reading) { problems(of: reading, $0) } + incomparable(reading)
    }

    /// Folds whose validation part cannot tell the candidates of a search apart.
    private static func incomparable(_ reading: StudyReading) -> [Problem] {
        guard let measure = SearchChecks.measure(of: reading) else { return [] }
        let what = reading.config.cohort.unit == .case ? "case" : "slide"
        return parts(of: reading).compactMap { parts in
            func problem(_ reason: String) -> Problem {
                Problem(.usage, reading.labels.file.path, "fold \(parts.fold): \(reason)")
            }
            if parts.validation.isEmpty {
                return problem(
                    "a search compares candidates on the validation part, and there is none; give one, or a val_fraction"
                )
            }
            guard measure.isOfClasses else {
                guard reading.config.training.survivalLoss == .cox, !hasCoxLoss(parts, of: reading.cohort) else {
                    return nil
                }
                return problem(
                    "no validation \(what) has an event, so the loss tells no candidates apart; use fewer folds or a larger val_fraction"
                )
            }
            let needs = reading.cohort.needs
            return needs.first { need in !parts.validation.contains { need.isMet($0.target) } }.map { need in
                problem(
                    "no validation \(what) of \(need.name), so \(measure.rawValue) tells no candidates apart; use fewer folds or a "
                        + "larger val_fraction, or set search.measure to loss"
                )
            }
        }
    }

    /// - Parameter config: the study's, or that of one of the candidates of its search.
    private static func problems(of reading: StudyReading, _ config: PipelineConfig) -> [Problem] {
        let cohort = reading.cohort
        let kind = cohort.kind
        let what = config.cohort.unit == .case ? "case" : "slide"
        let recipe = config.training.recipe(
            for: config.model,
            featureWidth: 0,
            classes: cohort.classes.count,
            kind: cohort.selectionKind
        )
        return parts(of: reading).compactMap { parts in
            func problem(_ reason: String) -> Problem {
                Problem(.usage, reading.labels.file.path, "fold \(parts.fold): \(reason)")
            }
            for need in cohort.needs where !parts.train.contains(where: { need.isMet($0.target) }) {
                let with = cohort.targets == nil && (kind == .class || kind == .ordinal) ? "of" : "with"
                return problem("no training \(what) \(with) \(need.name); \(wayOut(config.cohort))")
            }
            for (place, question) in cohort.questions.enumerated() {
                let known = parts.train.compactMap { $0.target.part(place) }
                if let reason = TrainingFault.reason(question.kind, known, config.training) {
                    let of = cohort.targets == nil ? "" : "\(question.name): "
                    return problem("\(of)\(reason); \(wayOut(config.cohort))")
                }
            }
            // The papers' protocol has validation parts of its own.
            let choosesByLoss = recipe.selection == .loss && config.evaluation.protocol != .paper
            if choosesByLoss, config.training.survivalLoss == .cox, !hasCoxLoss(parts, of: cohort) {
                return problem(
                    "no validation \(what) has an event, so no epoch can be chosen by it; use fewer folds or a larger "
                        + "val_fraction, or set training.selection to last"
                )
            }
            return nil
        }
    }

    /// Whether the validation part has an event, or a target that needs none.
    private static func hasCoxLoss(_ parts: Parts, of cohort: Cohort) -> Bool {
        cohort.questions.enumerated().contains { place, question in
            parts.validation.contains { slide in
                slide.target.part(place).map { question.kind != .survival || $0.survival?.isEvent == true } ?? false
            }
        }
    }

    private static func wayOut(_ cohort: CohortConfig) -> String {
        cohort.splits == nil ? "use fewer folds or add cases" : "give the splits such a case, or leave it out"
    }

    /// Folds with fewer intervals of time than are asked for.
    static func notes(of reading: StudyReading) -> [String] {
        reading.cohort.questions.enumerated().filter { $1.kind == .survival }.compactMap { place, _ in
            note(of: reading, place)
        }
    }

    private static func note(of reading: StudyReading, _ place: Int) -> String? {
        let short = parts(of: reading).compactMap { parts in
            let known = parts.train.compactMap { $0.target.part(place) }
            return (try? TrainingFault.bins(known, reading.config.training).get())?.shortfall.map { (parts.fold, $0) }
        }
        guard let first = short.first else { return nil }
        let others = short.count > 1 ? " (so or alike in \(short.count) of \(reading.splits.count) folds)" : ""
        return "fold \(first.0): \(first.1)\(others)"
    }
}
