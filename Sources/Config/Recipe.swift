import Foundation
public import Records

/// How an optimiser moves a model's weights, and which epoch's are kept: a training config with every default filled in.
public struct Recipe: Codable, Equatable, Sendable {
    public enum Optimiser: String, DescribedChoice {
        case adamw, adam

        public var meaning: String {
            switch self {
            case .adamw: "weight decay is taken from the weights themselves (ACMIL)"
            case .adam: "weight decay is a term of the gradient (MHIM)"
            }
        }
    }

    /// How the learning rate falls from its first value to its minimum.
    public enum Schedule: String, DescribedChoice {
        case cosine
        case cosineByEpoch = "cosine_by_epoch"
        case constant

        public var meaning: String {
            switch self {
            case .cosine: "by half a cosine, anew at every step (ACMIL)"
            case .cosineByEpoch: "by half a cosine, constant within an epoch (MHIM)"
            case .constant: "not at all"
            }
        }
    }

    /// Which epoch's weights are kept; equal epochs keep the earlier one.
    public enum Selection: String, DescribedChoice {
        case f1AUC = "f1_auc"
        case auc
        case balancedAccuracy = "balanced_accuracy"
        case loss, last

        public var meaning: String {
            switch self {
            case .f1AUC: "largest macro-F1 + macro-AUC on the validation part (ACMIL's rule)"
            case .auc: "largest macro-AUC on the validation part (MHIM's rule for two classes)"
            case .balancedAccuracy:
                "largest mean recall of the classes on the validation part (MHIM's rule for more)"
            case .loss: "smallest loss on the validation part; of classes the mean cross-entropy"
            case .last: "the last epoch, whatever validation says"
            }
        }
    }

    /// Training ends when the selection's value has been below its best for `patience` epochs in a row, but not before the
    /// epoch after `afterEpoch` (counted from 0).
    public struct EarlyStopping: ConfigSection {
        /// 0: never.
        public var patience: Int
        public var afterEpoch: Int

        public init() { self.init(patience: 0) }

        public init(patience: Int, afterEpoch: Int = 0) {
            self.patience = patience
            self.afterEpoch = afterEpoch
        }

        public enum CodingKeys: String, CodingKey, CaseIterable {
            case patience
            case afterEpoch = "after_epoch"
        }

        public static let words = "When training ends before its last epoch."

        public static let fields: [Field] = [
            Field(
                .patience,
                \.patience,
                .whole(0...10_000, "epochs"),
                "Training ends when the selection's value has been below its best for so many epochs in a row; 0: never.",
                isRequired: true
            ),
            Field(
                .afterEpoch,
                \.afterEpoch,
                .whole(0...10_000),
                "But not before the epoch after this one, counted from 0."
            ),
        ]

        /// Whether training ends after the epochs that gave `values`, larger being better.
        public func ends(after values: [Double]) -> Bool {
            guard patience > 0, values.count - 1 > afterEpoch else { return false }
            var (best, waited) = (-Double.infinity, 0)
            for value in values {
                waited = value < best ? waited + 1 : 0
                best = max(best, value)
            }
            return waited >= patience
        }
    }

    public var optimiser: Optimiser
    public var learningRate: Double
    /// Where the schedule ends.
    public var minimumLearningRate: Double
    public var weightDecay: Double
    public var epochs: Int
    /// Epochs of linear rise before the schedule.
    public var warmupEpochs: Int
    public var schedule: Schedule
    public var selection: Selection
    public var earlyStopping: EarlyStopping
    /// As `TrainingConfig` has them.
    public var patchesPerStep: Int?
    public var bagsPerStep: Int?
    public var weightAverage: Double?
    public var selectionWindow: Int?
    public var testDraws: Int?

    enum CodingKeys: String, CodingKey {
        case optimiser, epochs, schedule, selection
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
        case earlyStopping = "early_stopping"
        case patchesPerStep = "patches_per_step"
        case bagsPerStep = "bags_per_step"
        case weightAverage = "weight_average"
        case selectionWindow = "selection_window"
        case testDraws = "test_draws"
    }

    /// Of the warm-up; another number where it gives other rates. Part of what a training with a warm-up depends on.
    public static let warmupRules = 2

    /// The learning rate of a step that begins at `epoch`, a fraction inside an epoch.
    /// - Parameter step: its length in epochs: warm-up has risen as far as its end, so that no step is at a rate of 0.
    public func learningRate(at epoch: Double, step: Double = 0) -> Double {
        let warmup = Double(warmupEpochs)
        if epoch < warmup { return learningRate * min(1, (epoch + step) / warmup) }
        let reached: Double
        switch schedule {
        case .constant: return learningRate
        case .cosine: reached = epoch
        case .cosineByEpoch: reached = epoch.rounded(.down)
        }
        let progress = (reached - warmup) / (Double(epochs) - warmup)
        return minimumLearningRate + (learningRate - minimumLearningRate) * 0.5 * (1 + cos(.pi * progress))
    }

    /// What a model's authors trained it with.
    public static func published(for model: ModelConfig, featureWidth: Int, classes: Int) -> Recipe {
        model.section.recipe(featureWidth: featureWidth, classes: classes)
    }

    /// ACMIL's, for the models in the shape of its repository. Features 512 wide are ResNet-18's, for which the paper's runs took
    /// twice the rate and twice the epochs.
    static func acmil(isResNet18: Bool, isShort: Bool = false) -> Recipe {
        Recipe(
            optimiser: .adamw,
            learningRate: isResNet18 ? 2e-4 : 1e-4,
            minimumLearningRate: 0,
            weightDecay: 1e-5,
            epochs: isResNet18 && !isShort ? 100 : 50,
            warmupEpochs: 0,
            schedule: .cosine,
            selection: .f1AUC,
            earlyStopping: EarlyStopping(patience: 0)
        )
    }

    /// MHIM's, for its hosts and what its authors compared with; by default that of version 1 for CAMELYON16.
    static func mhim(
        minimum: Double = 0,
        stopping: EarlyStopping = EarlyStopping(patience: 30, afterEpoch: 130),
        classes: Int
    ) -> Recipe {
        Recipe(
            optimiser: .adam,
            learningRate: 2e-4,
            minimumLearningRate: minimum,
            weightDecay: 1e-5,
            epochs: 200,
            warmupEpochs: 0,
            schedule: .cosineByEpoch,
            selection: classes == 2 ? .auc : .balancedAccuracy,
            earlyStopping: stopping
        )
    }
}
