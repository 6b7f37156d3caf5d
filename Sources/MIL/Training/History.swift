import Config
import Evaluation
import Files
import Records
import Storage

/// One epoch of a fold's `history.csv`.
struct EpochRecord: Codable, Equatable {
    /// One term of the loss, by its name.
    struct Term: Codable, Equatable {
        var name: String
        var value: Double
    }

    /// Counted from 0.
    var epoch: Int
    /// At the epoch's first step.
    var learningRate: Double
    /// Mean of every loss term over the epoch's steps, `total` first.
    var terms: [Term]
    /// Mean cross-entropy on the validation part; nil without one.
    var validationLoss: Double?
    /// Of several targets each one's own, without its weight; those that have one.
    var validationLosses: [Term]?
    var validationAUC: Double?
    var validationMacroF1: Double?
    var validationBalancedAccuracy: Double?

    /// Whether it can be written down and read again.
    var isFinite: Bool {
        let losses = (validationLosses ?? []).map(\.value)
        let figures = [validationLoss, validationAUC, validationMacroF1, validationBalancedAccuracy].compactMap(\.self)
        return (terms.map(\.value) + losses + figures + [learningRate]).allSatisfy(\.isFinite)
    }

    /// What the rule looks at, larger being better; an undefined metric counts 0, as in the authors' code.
    func value(of selection: Recipe.Selection) -> Double {
        switch selection {
        case .f1AUC: (validationMacroF1 ?? 0) + (validationAUC ?? 0)
        case .auc: validationAUC ?? 0
        case .balancedAccuracy: validationBalancedAccuracy ?? 0
        case .loss: -(validationLoss ?? .infinity)
        case .last: Double(epoch)
        }
    }

    /// A figure of the validation part, larger being better; nil where it is not defined, so that nothing is compared by it.
    func measured(by measure: Recipe.Selection) -> Double? {
        switch measure {
        case .f1AUC: validationMacroF1.flatMap { macroF1 in validationAUC.map { macroF1 + $0 } }
        case .auc: validationAUC
        case .balancedAccuracy: validationBalancedAccuracy
        case .loss: validationLoss.map { -$0 }
        case .last: nil
        }
    }

    /// The table's text; what is not defined is an empty cell.
    static func table(_ history: [EpochRecord]) -> String {
        let terms = history.first?.terms.map { "train_\($0.name)" } ?? []
        let validation: [(name: String, value: (EpochRecord) -> Double?)] = [
            ("loss", \.validationLoss), (Metric.auc.key, \.validationAUC), (Metric.macroF1.key, \.validationMacroF1),
            (Metric.balancedAccuracy.key, \.validationBalancedAccuracy),
        ]
        let names = history.first?.validationLosses?.map(\.name) ?? []
        let rows = history.map { record in
            ["\(record.epoch)", "\(record.learningRate)"] + record.terms.map { "\($0.value)" }
                + validation.map { $0.value(record).map { "\($0)" } ?? "" }
                + names.map { name in record.validationLosses?.first { $0.name == name }.map { "\($0.value)" } ?? "" }
        }
        let figures = validation.map { "validation_\($0.name)" } + names.map { "validation_loss_\($0)" }
        return Table.text(header: ["epoch", "learning_rate"] + terms + figures, rows: rows)
    }
}
