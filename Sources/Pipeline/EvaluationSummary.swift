public import Records

/// What `wsi evaluate` shows of its JSON; what is not defined is nil.
public struct EvaluationSummary: Decodable, Sendable {
    public struct Figure: Decodable, Sendable {
        public var value: Double?
        /// Bounds, lower and upper.
        public var interval: [Double]?
        /// Why `value` is missing.
        public var reason: String?

        public init(value: Double?, interval: [Double]?, reason: String?) {
            (self.value, self.interval, self.reason) = (value, interval, reason)
        }
    }

    /// One class of more than two against the rest.
    public struct OneClass: Decodable, Sendable {
        public var name: String
        public var slides: Int
        public var auc: Figure
        public var sensitivity: Figure
        public var specificity: Figure
    }

    public struct Calibration: Decodable, Sendable { public var brier: Figure }

    /// Of the test parts of all folds together.
    public struct Pooled: Decodable, Sendable {
        public var slides: Int
        public var cases: Int
        public var auc: Figure
        public var averagePrecision: Figure
        public var accuracy: Figure
        public var balancedAccuracy: Figure
        public var macroF1: Figure
        public var sensitivity: Figure?
        public var specificity: Figure?
        public var calibration: Calibration
        /// Rows are true classes, columns decisions.
        public var confusion: [[Int]]
        public var classes: [OneClass]?

        enum CodingKeys: String, CodingKey {
            case slides, cases, auc, accuracy, sensitivity, specificity, calibration, confusion, classes
            case averagePrecision = "average_precision"
            case balancedAccuracy = "balanced_accuracy"
            case macroF1 = "macro_f1"
        }
    }

    public struct Fold: Decodable, Sendable { public var fold: Int }

    /// How maps agree with annotations.
    public struct Patches: Decodable, Sendable {
        public struct FROC: Decodable, Sendable { public var score: Figure }

        public var auc: Figure
        public var averagePrecision: Figure
        public var dice: Figure
        public var froc: FROC?
        public var frocReason: String?

        enum CodingKeys: String, CodingKey {
            case auc, dice, froc
            case averagePrecision = "average_precision"
            case frocReason = "froc_reason"
        }
    }

    public var name: String
    /// In label order; of two the second is the positive one.
    public var classes: [String]
    public var evaluation: EvaluationConfig
    public var pooled: Pooled
    public var folds: [Fold]
    public var patches: Patches?
    /// AUC of each shortcut control.
    public var controls: [String: Double?]
}
