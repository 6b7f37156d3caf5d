import Foundation

/// How a model is trained; the config's section `training`. Defaults are ACMIL's.
public struct TrainingConfig: Codable, Equatable, Sendable {
    public enum Optimiser: String, ConfigChoice {
        /// Weight decay taken from the weights themselves (ACMIL).
        case adamw
        /// Weight decay as a term of the gradient.
        case adam
    }

    /// Which epoch's weights are kept; equal epochs keep the earlier one.
    public enum Selection: String, ConfigChoice {
        /// Largest macro-F1 + macro-AUC on the validation part (the paper's rule).
        case f1AUC = "f1_auc"
        /// Largest macro-AUC on the validation part.
        case auc
        /// Smallest mean cross-entropy on the validation part.
        case loss
        /// The last epoch, whatever validation says.
        case last
    }

    public enum DeviceChoice: String, ConfigChoice {
        /// CUDA where LibTorch has it, else the CPU.
        case auto
        case cpu, cuda
    }

    /// Whether features are centred and scaled by the training part's mean and sd.
    public enum Standardise: String, ConfigChoice {
        /// For handcrafted encoders only, whose numbers have no common scale.
        case auto
        case always, never
    }

    public var optimiser = Optimiser.adamw
    public var learningRate = 1e-4
    /// Where the half-cosine ends.
    public var minimumLearningRate = 0.0
    public var weightDecay = 1e-5
    public var epochs = 50
    /// Epochs of linear rise before the half-cosine.
    public var warmupEpochs = 0
    public var seed: UInt64 = 0
    public var selection = Selection.f1AUC
    public var device = DeviceChoice.auto
    public var standardise = Standardise.auto

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case optimiser, epochs, seed, selection, device, standardise
        case learningRate = "learning_rate"
        case minimumLearningRate = "minimum_learning_rate"
        case weightDecay = "weight_decay"
        case warmupEpochs = "warmup_epochs"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.optimiser, into: &optimiser)
        try reader.read(.learningRate, into: &learningRate)
        try reader.read(.minimumLearningRate, into: &minimumLearningRate)
        try reader.read(.weightDecay, into: &weightDecay)
        try reader.read(.epochs, into: &epochs)
        try reader.read(.warmupEpochs, into: &warmupEpochs)
        try reader.read(.seed, into: &seed)
        try reader.read(.selection, into: &selection)
        try reader.read(.device, into: &device)
        try reader.read(.standardise, into: &standardise)
        try ConfigError.check(
            learningRate > 0 && learningRate <= 1,
            reader.keyPath(.learningRate),
            "a number above 0, at most 1, is wanted"
        )
        try ConfigError.check(
            minimumLearningRate >= 0 && minimumLearningRate <= learningRate,
            reader.keyPath(.minimumLearningRate),
            "a number from 0 to learning_rate is wanted"
        )
        try ConfigError.check(
            (0...1).contains(weightDecay),
            reader.keyPath(.weightDecay),
            "a number from 0 to 1 is wanted"
        )
        try ConfigError.check(
            (1...10_000).contains(epochs),
            reader.keyPath(.epochs),
            "a whole number from 1 to 10000 is wanted"
        )
        try ConfigError.check(
            (0..<epochs).contains(warmupEpochs),
            reader.keyPath(.warmupEpochs),
            "a whole number from 0 to below epochs is wanted"
        )
    }

    /// The learning rate at `epoch`, a fraction inside an epoch: linear rise, then half a cosine (ACMIL, per iteration).
    public func learningRate(at epoch: Double) -> Double {
        let warmup = Double(warmupEpochs)
        if epoch < warmup { return learningRate * epoch / warmup }
        let progress = (epoch - warmup) / (Double(epochs) - warmup)
        return minimumLearningRate + (learningRate - minimumLearningRate) * 0.5 * (1 + cos(.pi * progress))
    }
}
