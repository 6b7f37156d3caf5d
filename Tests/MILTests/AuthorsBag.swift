import TestSupport
import Testing
import Torch

@testable import MIL

/// What the authors' module makes of one bag on the same fill, nothing dropped: loss, logits, the attention of the first instances, and of
/// each parameter's gradient two numbers, as `digest` has them.
struct AuthorsBag<Config: Sendable>: Sendable {
    /// Instances of the bag.
    var count: Int
    var config: Config
    var classes, label: Int
    var loss: Float
    var logits, attention, gradients: [Float]

    /// - Parameter model: of the config, for bags of width 6.
    func compare(_ model: some MILModel) throws {
        let bag = try chirpBag(count)
        let output = try model(bag)
        #expect(agree(try output.logits.floats(), logits))
        #expect(agree(Array(try output.attention.floats().prefix(attention.count)), attention))
        let loss = try model.trainingLoss(bag, label: label, draws: NoDraws())
        #expect(agree([try loss.total.item()], [self.loss]))
        try loss.total.backward()
        let found = try model.parameters.flatMap { try digest(#require(try $0.tensor.grad)) }
        #expect(agree(found, gradients, 2e-5), "\(found)")
    }
}
