import Storage

/// One epoch of a fold's `history.csv`.
struct EpochRecord {
    static let fileName = "history.csv"

    /// Counted from 0.
    var epoch: Int
    /// At the epoch's first step.
    var learningRate: Double
    /// Mean of every loss term over the epoch's steps, `total` first.
    var terms: [(name: String, value: Double)]
    /// Mean cross-entropy on the validation part; nil without one.
    var validationLoss: Double?
    var validationAUC: Double?
    var validationMacroF1: Double?

    /// The table's text; what is not defined is an empty cell.
    static func table(_ history: [EpochRecord]) -> String {
        let terms = history.first?.terms.map { "train_\($0.name)" } ?? []
        let header =
            ["epoch", "learning_rate"] + terms + ["validation_loss", "validation_auc", "validation_macro_f1"]
        let rows = history.map { record in
            let figures: [Double?] = [record.validationLoss, record.validationAUC, record.validationMacroF1]
            return ["\(record.epoch)", "\(record.learningRate)"] + record.terms.map { "\($0.value)" }
                + figures.map { $0.map { "\($0)" } ?? "" }
        }
        return Table.text(header: header, rows: rows)
    }
}
