import Foundation
import Records

struct BagSize: Equatable {
    /// N
    var count: Int
    /// D_in
    var width: Int
}

/// A model under test: its config, and the work that its formulas make.
struct Subject: Sendable {
    let name: String
    /// The config's section `model`.
    let json: String
    let optimiser: TrainingConfig.Optimiser
    /// D where it does not follow from the features' width.
    var fixedHidden: Int?
    /// Whether a teacher runs forward in every training step.
    var hasTeacher = false
    /// FLOPs of matrix products as we compute them, for (N, D), besides those of the first layer.
    let products: @Sendable (Double, Double) -> Double

    func config() throws -> ModelConfig { try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8)) }

    /// D after the first layer.
    func hidden(_ width: Int) -> Int { fixedHidden ?? ModelConfig.defaultHidden(featureWidth: width) }

    /// FLOPs of a forward pass: 2·N·D_in·D for the first layer and the products after it.
    func inferenceWork(_ size: BagSize) -> Double { firstLayer(size) + rest(size) }

    /// Forward and backward: twice the first layer, whose input needs no gradient, three times the rest, and once more
    /// all of it for a teacher.
    func trainingWork(_ size: BagSize) -> Double {
        2 * firstLayer(size) + 3 * rest(size) + (hasTeacher ? inferenceWork(size) : 0)
    }

    private func firstLayer(_ size: BagSize) -> Double {
        2 * Double(size.count) * Double(size.width) * Double(hidden(size.width))
    }

    private func rest(_ size: BagSize) -> Double { products(Double(size.count), Double(hidden(size.width))) }

    static let all = [
        Subject(name: "mean", json: #"{"kind": "mean"}"#, optimiser: .adam) { n, d in 2 * n * d * 2 },
        Subject(name: "max", json: #"{"kind": "max"}"#, optimiser: .adam) { n, d in 2 * n * d * 2 },
        Subject(name: "abmil", json: #"{"kind": "abmil", "gated": false}"#, optimiser: .adamw) { n, d in
            2 * n * (128 * (d + 1) + d)
        },
        Subject(name: "abmil_gated", json: #"{"kind": "abmil"}"#, optimiser: .adamw) { n, d in
            2 * n * (256 * d + 128 + d)
        },
        Subject(name: "acmil_ga", json: #"{"kind": "acmil"}"#, optimiser: .adamw) { n, d in
            2 * n * (256 * d + 5 * 128 + 5 * d)
        },
        Subject(name: "acmil_mha", json: #"{"kind": "acmil", "variant": "mha"}"#, optimiser: .adamw) { n, d in
            2 * n * 2 * 40 * d
        },
        Subject(name: "dsmil", json: #"{"kind": "dsmil"}"#, optimiser: .adam, fixedHidden: 512) { n, d in
            2 * n * (d * d + 128 * d + 128 * 128 + 2 * d + 2 * 128 + 2 * d)
        },
    ]
}
