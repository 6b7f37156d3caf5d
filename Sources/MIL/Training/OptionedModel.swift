import Config
import Foundation
import Records
import Torch

/// A model whose training steps see what the options of a training make of a bag, and minimise what they add. All randomness is the step's
/// own, so both passes of a step of Cox's loss and a training that goes on see the same.
struct OptionedModel: MILModel {
    private let model: any MILModel
    private let entropy, dropped, noise: Double
    private let mixup: Double?
    /// Of a partner, whose bag is cut as the step's own.
    private let cut: PatchDraw?
    private let training: [CohortSlide]
    private let readout: Readout
    private let bags: DeviceBags

    /// - Parameters:
    ///   - training: the bags that others are mixed with.
    ///   - readout: what is learned of them.
    /// - Returns: nil where no option is on.
    init?(
        _ model: any MILModel,
        _ config: TrainingConfig,
        _ training: [CohortSlide],
        _ readout: Readout,
        _ bags: DeviceBags
    ) {
        self.model = model
        (self.training, self.readout, self.bags) = (training, readout, bags)
        (entropy, dropped) = (config.attentionEntropy ?? 0, config.instanceDropout ?? 0)
        (noise, mixup) = (config.featureNoise ?? 0, config.mixup)
        cut = config.patchesPerStep.map { PatchDraw(count: $0) }
        guard entropy > 0 || dropped > 0 || noise > 0 || mixup != nil else { return nil }
    }

    var parameters: [Parameter] { model.parameters }
    var trainable: [Parameter] { model.trainable }

    func callAsFunction(_ features: Tensor) throws -> BagOutput { try model(features) }
    func mapped(_ features: Tensor) throws -> BagOutput { try model.mapped(features) }
    func finish(_ step: TrainingStep) throws { try model.finish(step) }

    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        var (features, target) = (features, target)
        if let mixup { (features, target) = try mixed(features, target, mixup, step.draws) }
        if dropped > 0 { features = try some(1 - dropped, of: features, "option.instances", step.draws) }
        if noise > 0 { features = try noisy(features, step.draws) }
        var loss = try model.trainingLoss(features, target: target, step)
        if entropy > 0 {
            guard let attention = loss.attention else {
                throw Failure(.bug, nil, "a model that is to learn by its attention tells none")
            }
            let term = try entropy * negativeEntropy(attention)
            loss.terms.append(("entropy", term))
            loss.total = try loss.total + term
        }
        return loss
    }

    /// A random share of the rows, at least one, in their order.
    private func some(_ share: Double, of features: Tensor, _ name: String, _ draws: any Draws) throws -> Tensor {
        let count = features.shape[0]
        let kept = min(count, max(1, Int((Double(count) * share).rounded())))
        guard kept < count else { return features }
        return try features.indexSelect(dim: 0, draws.permutation(name, count).prefix(kept).sorted())
    }

    /// Instances of a bag and of another one, and both their targets.
    private func mixed(
        _ features: Tensor,
        _ target: Aim,
        _ alpha: Double,
        _ draws: any Draws
    ) throws -> (Tensor, Aim) {
        var random = CounterRandom(seed: try draws.key("option.mixup"), "partner")
        let partner = training[random.index(below: training.count)]
        guard let aim = readout.aim(at: partner.target) else {
            throw Failure(.bug, partner.slide.text, "its target is not of the kind that the model is asked")
        }
        let share = Self.beta(alpha, &random)
        let whole = try bags.aside(partner.slide)
        let other = try cut.map { try $0(whole, draws, "option.mixup.patches") } ?? whole
        let parts = [
            try some(share, of: features, "option.mixup.own", draws),
            try some(1 - share, of: other, "option.mixup.other", draws),
        ]
        return (try Tensor.concatenated(parts, dim: 0), .mixed([(target, share), (aim, 1 - share)]))
    }

    /// Beta(α, α) for α up to 1 (Jöhnk, Metrika 1964).
    private static func beta(_ alpha: Double, _ random: inout CounterRandom) -> Double {
        while true {
            let (first, second) = (pow(random.uniform(), 1 / alpha), pow(random.uniform(), 1 / alpha))
            if first + second <= 1, first + second > 0 { return first / (first + second) }
        }
    }

    /// With noise that is next to normal: the sum of four uniform numbers, which one draw gives.
    private func noisy(_ features: Tensor, _ draws: any Draws) throws -> Tensor {
        var random = CounterRandom(seed: try draws.key("option.noise"), "values")
        let unit = ((65_536.0 * 65_536 - 1) / 3).squareRoot()
        let values = (0..<features.count).map { _ -> Float in
            let bits = random.next()
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
            return Float((Double(sum) - 2 * 65_535) / unit * noise)
        }
        let plain = try features.to(.float32)
        let deviation = try (plain - plain.mean(dim: 0, keep: true)).square().mean(dim: 0, keep: true).sqrt()
        let added = try Tensor(values, shape: features.shape, on: features.device) * deviation
        return try (plain + added).to(features.dtype)
    }
}
