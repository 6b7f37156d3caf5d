import Foundation
public import Records

/// How an optimiser moves a model's weights, and which epoch's are kept: a training config with every default filled in.
public struct Recipe: Codable, Equatable, Sendable {
    public enum Optimiser: String, ConfigChoice {
        /// Weight decay taken from the weights themselves (ACMIL).
        case adamw
        /// Weight decay as a term of the gradient (MHIM).
        case adam
    }

    /// How the learning rate falls from its first value to its minimum.
    public enum Schedule: String, ConfigChoice {
        /// Half a cosine, anew at every step (ACMIL).
        case cosine
        /// Half a cosine, constant within an epoch (MHIM).
        case cosineByEpoch = "cosine_by_epoch"
        /// Not at all.
        case constant
    }

    /// Which epoch's weights are kept; equal epochs keep the earlier one.
    public enum Selection: String, ConfigChoice {
        /// Largest macro-F1 + macro-AUC on the validation part (ACMIL's rule).
        case f1AUC = "f1_auc"
        /// Largest macro-AUC on the validation part (MHIM's rule for two classes).
        case auc
        /// Largest mean recall of the classes on the validation part (MHIM's rule for more).
        case balancedAccuracy = "balanced_accuracy"
        /// Smallest mean cross-entropy on the validation part.
        case loss
        /// The last epoch, whatever validation says.
        case last
    }

    /// Training ends when the selection's value has been below its best for `patience` epochs in a row, but not before the
    /// epoch after `afterEpoch` (counted from 0).
    public struct EarlyStopping: Codable, Equatable, Sendable {
        /// 0: never.
        public var patience: Int
        public var afterEpoch: Int

        public init(patience: Int, afterEpoch: Int = 0) {
            self.patience = patience
            self.afterEpoch = afterEpoch
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case patience
            case afterEpoch = "after_epoch"
        }

        public init(from decoder: any Decoder) throws {
            let reader = try StrictReader(decoder, CodingKeys.self)
            patience = try reader.require(.patience)
            afterEpoch = 0
            try reader.read(.afterEpoch, into: &afterEpoch)
            let counts = 0...10_000
            try ConfigError.check(counts.contains(patience), reader.keyPath(.patience), "0 to 10000 is wanted")
            try ConfigError.check(counts.contains(afterEpoch), reader.keyPath(.afterEpoch), "0 to 10000 is wanted")
        }

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

    enum CodingKeys: String, CodingKey {
        case optimiser, epochs, schedule, selection
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
        case earlyStopping = "early_stopping"
    }

    /// The learning rate at `epoch`, a fraction inside an epoch.
    public func learningRate(at epoch: Double) -> Double {
        let warmup = Double(warmupEpochs)
        if epoch < warmup { return learningRate * epoch / warmup }
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
    ///
    /// ACMIL's recipe serves the models in the shape of its repository; features 512 wide are ResNet-18's, for which the
    /// paper's runs took twice the rate and twice the epochs. MHIM's serves its hosts and what its authors compared with; of
    /// version 1 it is that for CAMELYON16.
    public static func published(for model: ModelConfig, featureWidth: Int, classes: Int) -> Recipe {
        switch model {
        case .acmil(let config): acmil(isResNet18: featureWidth == 512, isShort: config.variant == .mha)
        case .abmil, .pooling: acmil(isResNet18: featureWidth == 512, isShort: false)
        case .mhim(let config) where config.version == 2:
            mhim(minimum: 1e-7, stopping: EarlyStopping(patience: 20, afterEpoch: 100), classes: classes)
        case .mhim, .dsmil, .transmil, .clam:
            mhim(minimum: 0, stopping: EarlyStopping(patience: 30, afterEpoch: 130), classes: classes)
        }
    }

    private static func acmil(isResNet18: Bool, isShort: Bool) -> Recipe {
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

    private static func mhim(minimum: Double, stopping: EarlyStopping, classes: Int) -> Recipe {
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
