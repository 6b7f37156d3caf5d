import Config
import Files
import Foundation
import Messages
import Records
import Storage

/// What was trained on what, how epoch and threshold were chosen, and from which versions.
struct ReportFacts {
    let runs: [ReportPage.Run]

    private var cards: [CheckpointCard] { runs.flatMap { $0.trained.folds.map(\.card) } }

    var text: String {
        guard let first = runs.first, let card = cards.first else { return "" }
        let widths = "\(card.featureWidth) features from \(card.encoder.name)"
        let scale = ofFolds { $0.isStandardised ? "standardised by the training part" : "as they are" }
        var facts = [
            ("Model", ofFolds { settings($0.model) }), ("Recipe", ofFolds { settings($0.recipe) }),
            ("Features", "\(widths), \(scale)"),
            (asked(card.kind), classes(card)), ("Cohort", cohort(first.trained)),
            ("Folds", first.trained.folds.map { String($0.card.fold) }.joined(separator: ", ")),
        ]
        if let loss = loss(card) { facts.insert(("Loss", loss), at: 2) }
        if cards.contains(where: { $0.plan != nil }) {
            facts.insert(("Filled in by the plan", ofFolds { $0.plan?.words ?? "nothing" }), at: 2)
        }
        let seeds = runs.map { String($0.seed ?? $0.trained.folds.first?.card.seed ?? 0) }
        facts.append((seeds.count > 1 ? "Seeds" : "Seed", seeds.joined(separator: ", ")))
        let chosen = card.kind == .class ? "How epoch and threshold were chosen" : "How the epoch was chosen"
        facts.append((chosen, selection(card)))
        return "<h2>What was trained</h2>\n" + HTML.definitions(facts) + folds
    }

    /// What else a reader needs to repeat it.
    var versions: String {
        guard let card = cards.first else { return "" }
        let facts =
            [("Encoder digest", card.encoder.digest), ("Encoder licence", card.encoder.licence)]
            + card.provenance.sorted { $0.key < $1.key }.map { ($0.key.replacing("_", with: " "), $0.value) }
        let weights = cards.map { ["seed \($0.seed), fold \($0.fold)", $0.weightsDigest] }
        return "<h2>Versions and digests</h2>\n" + HTML.definitions(facts)
            + HTML.table(["Weights", "SHA-256"], weights, class: "words")
    }

    private func classes(_ card: CheckpointCard) -> String {
        let positive = card.kind == .class && card.classes.count == 2 ? "; positive: \(card.classes[1])" : ""
        return card.classes.joined(separator: ", ") + positive
    }

    /// What `Cohort.classes` are.
    private func asked(_ kind: Target.Kind) -> String {
        switch kind {
        case .class: "Classes"
        case .ordinal: "Classes, in their order"
        case .labels: "Labels"
        case .number: "Number"
        case .survival: "Survival in"
        }
    }

    /// A part of the config in words, by its keys: `branches 5, kind acmil`.
    private func settings(_ config: some Encodable) -> String {
        (try? JSONDecoder().decode(JSONValue.self, from: CanonicalJSON.line(config)))?.words ?? ""
    }

    /// The same of every fold, or what a reader should know of those that a search has chosen apart.
    private func ofFolds(_ words: (CheckpointCard) -> String) -> String {
        let all = cards.map(words)
        let isSearched = cards.contains { $0.search != nil }
        guard let first = all.first, isSearched, all.contains(where: { $0 != first }) else { return all.first ?? "" }
        return "differs by fold, as the search has chosen; each fold’s stands in its checkpoint.json"
    }

    /// What was minimised, of other targets than classes.
    private func loss(_ card: CheckpointCard) -> String? {
        let training = card.training
        switch card.readout {
        case .class, .several: return nil
        case .ordinal: return "binary cross-entropy of being above each class"
        case .labels: return "binary cross-entropy of the labels that are known"
        case .number: return training.numberLoss == .huber ? "Huber’s" : "squared error"
        case .hazards(let hazards):
            let alpha = hazards.alpha == 0 ? "" : ", alpha \(String(format: "%g", hazards.alpha))"
            return "discrete hazards in \(hazards.edges.count + 1) intervals of time\(alpha)"
        case .risk:
            let bare = cards.count { card in
                if case .risk(let scale) = card.readout { scale.hazards?.isEmpty ?? true } else { false }
            }
            let baseline =
                bare == 0
                ? ""
                : "; \(bare) of \(cards.count) models tell no survival, only risks: their validation part gives no baseline"
            return "Cox’s partial likelihood over \(training.riskSet ?? 32) bags at a time\(baseline)"
        }
    }

    private func cohort(_ trained: TrainedFolds) -> String {
        var seen: Set<SlideID> = []
        let all = trained.folds.flatMap(\.predictions.rows).filter { seen.insert($0.slide).inserted }.map(\.judged)
        return TargetNeed.groups(trained.kind, classes: trained.classes).map { group in
            let own = all.filter { group.isMet($0.target) }
            let bags = trained.unit == "case" ? "" : "\(own.count) slides of "
            return "\(group.name): \(bags)\(Set(own.map(\.caseID)).count) cases"
        }.joined(separator: "; ")
    }

    private func selection(_ card: CheckpointCard) -> String {
        let rule =
            switch card.recipe.selection {
            case .f1AUC: "the epoch with the largest macro F1 + macro AUC"
            case .auc: "the epoch with the largest macro AUC"
            case .balancedAccuracy: "the epoch with the largest balanced accuracy"
            case .loss: "the epoch with the smallest loss"
            case .last: "the last epoch, without looking"
            }
        let isOnTest = card.evaluation.selectsOnTest(card.model)
        let part = isOnTest ? "the TEST part itself" : "the validation part, which is never the test part"
        let isOne = Set(cards.map(\.recipe.selection)).count == 1
        let own = card.recipe.selection == .last ? rule : "\(rule) on \(part)"
        let epoch =
            card.search == nil || isOne ? own : "by the rule of each fold’s chosen candidate, never on the test part"
        guard card.kind == .class else { return "Epoch: \(epoch)." }
        let threshold =
            switch card.thresholdSource {
            case .validationYouden: "Youden’s cut on the validation part"
            case .testYouden: "Youden’s cut on the TEST part itself"
            case .argmax: "the most probable class"
            case .undefinedOnValidation: "the most probable class, since validation defines no cut"
            }
        let temperature =
            isOnTest
            ? "none, since no part is left to fit it on"
            : "the smallest log loss on the validation part, where that has one"
        return "Epoch: \(epoch). Decision: \(threshold). Temperature: \(temperature)."
    }

    private func temperature(_ temperature: Temperature) -> String {
        let value = HTML.number(temperature.value, digits: 2)
        return switch temperature.source {
        case .smallestLoss: value
        case .separable: "\(value) (validation told apart without a fault)"
        case .endOfRange: "\(value) (end of its range)"
        }
    }

    /// Which epoch is kept, and of which start where there were several.
    private func epoch(of card: CheckpointCard) -> String {
        guard let starts = card.starts, starts.count > 1, let kept = starts.firstIndex(where: \.isKept) else {
            return "\(card.epoch)"
        }
        return "\(card.epoch) (start \(kept + 1) of \(starts.count))"
    }

    private var folds: String {
        let isCalibrated = cards.contains { $0.parts[FoldPredictions.calibration] != nil }
        let rows = cards.map { card in
            func part(_ name: String) -> String {
                guard let part = card.parts[name] else { return "–" }
                let slides = part.slides.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                return slides.isEmpty ? "none" : slides.joined(separator: ", ")
            }
            let aside = isCalibrated ? [part(FoldPredictions.calibration)] : []
            let row =
                ["\(card.fold)", "\(card.seed)", part("train"), part("validation")] + aside
                + [part("test"), epoch(of: card)]
            guard card.kind == .class else { return row }
            return row + [
                card.threshold.map { HTML.number($0) } ?? "–", card.temperature.map(temperature) ?? "–",
            ]
        }
        let ofClasses = cards.first?.kind == .class ? ["Threshold", "Temperature"] : []
        return HTML.table(
            ["Fold", "Seed", "Train", "Validation"] + (isCalibrated ? ["Calibration"] : []) + ["Test", "Epoch kept"]
                + ofClasses,
            rows,
            class: "words"
        )
    }
}
