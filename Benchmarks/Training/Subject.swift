import Config
import Files
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
    /// D where it does not follow from the features' width.
    var fixedHidden: Int?
    /// Whether a teacher runs forward in every training step.
    var hasTeacher = false
    /// Products without a gradient, which are made once in training too.
    var choice: @Sendable (Double, Double) -> Double = { _, _ in 0 }
    /// FLOPs of the other matrix products as we compute them, for (N, D), besides those of the first layer.
    let products: @Sendable (Double, Double) -> Double

    func config() throws -> ModelConfig { try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8)) }

    /// D after the first layer.
    func hidden(_ width: Int) -> Int { fixedHidden ?? ModelConfig.defaultHidden(featureWidth: width) }

    /// FLOPs of a forward pass: 2·N·D_in·D for the first layer and the products after it.
    func inferenceWork(_ size: BagSize) -> Double { firstLayer(size) + rest(size) + chosen(size) }

    /// Forward and backward: twice the first layer, whose input needs no gradient, three times the rest, and once more
    /// all of it for a teacher.
    func trainingWork(_ size: BagSize) -> Double {
        2 * firstLayer(size) + 3 * rest(size) + chosen(size) + (hasTeacher ? inferenceWork(size) : 0)
    }

    private func firstLayer(_ size: BagSize) -> Double {
        2 * Double(size.count) * Double(size.width) * Double(hidden(size.width))
    }

    private func rest(_ size: BagSize) -> Double { products(Double(size.count), Double(hidden(size.width))) }

    private func chosen(_ size: BagSize) -> Double { choice(Double(size.count), Double(hidden(size.width))) }

    static let all = [
        Subject(name: "mean", json: #"{"kind": "mean"}"#) { n, d in 4 * n * d },
        Subject(name: "max", json: #"{"kind": "max"}"#) { n, d in 4 * n * d },
        Subject(name: "abmil", json: #"{"kind": "abmil", "gated": false}"#) { attention($0, $1, hidden: 128, rows: 1) },
        Subject(name: "abmil_gated", json: #"{"kind": "abmil"}"#) { attention($0, $1, hidden: 256, rows: 1) },
        Subject(name: "acmil_ga", json: #"{"kind": "acmil"}"#) { attention($0, $1, hidden: 256, rows: 5) },
        Subject(name: "acmil_mha", json: #"{"kind": "acmil", "variant": "mha"}"#) { n, d in 4 * n * 40 * d },
        Subject(name: "clam_sb", json: #"{"kind": "clam", "instance_loss": "ce"}"#) {
            attention($0, $1, hidden: 512, rows: 1)
        },
        Subject(name: "clam_mb", json: #"{"kind": "clam", "variant": "mb", "instance_loss": "ce"}"#) {
            attention($0, $1, hidden: 512, rows: 2)
        },
        Subject(name: "dsmil", json: #"{"kind": "dsmil"}"#, fixedHidden: 512, products: dualStream),
        Subject(name: "transmil", json: #"{"kind": "transmil"}"#, fixedHidden: 512, products: transformer),
        Subject(name: "dtfd", json: #"{"kind": "dtfd"}"#, fixedHidden: 512) {
            attention($0, $1, hidden: 256, rows: 1) + 2 * $0 * $1 * 3
        },
        Subject(name: "rrt", json: #"{"kind": "rrt"}"#, fixedHidden: 512, products: regions),
        Subject(name: "wikg", json: #"{"kind": "wikg"}"#, fixedHidden: 512, choice: { 2 * $0 * $0 * $1 }) { n, d in
            // Heads, tails, two layers and the attention's; six neighbours weighed twice; what is pooled.
            2 * n * (4 * d * d + d * d / 2 + 2 * 6 * d + d)
        },
        mhim("abmil") { attention($0, $1, hidden: 128, rows: 1) },
        mhim("dsmil", dualStream),
        mhim("transmil", transformer),
    ]

    private static func mhim(_ host: String, _ products: @escaping @Sendable (Double, Double) -> Double) -> Subject {
        Subject(
            name: "mhim_\(host)",
            json: #"{"kind": "mhim", "host": "\#(host)"}"#,
            fixedHidden: 512,
            hasTeacher: true,
            products: products
        )
    }

    /// Attention's hidden layers, its rows, and what they pool.
    private static func attention(_ n: Double, _ d: Double, hidden: Double, rows: Double) -> Double {
        let logits = hidden * d + rows * 128
        return 2 * n * (logits + rows * d)
    }

    /// Values, queries in two layers, and two classes' logits, likeness and pooling.
    private static let dualStream: @Sendable (Double, Double) -> Double = { n, d in
        let queries = 128 * d + 128 * 128
        let classes = 2 * (d + 128 + d)
        return 2 * n * (d * d + queries + classes)
    }

    /// Projections of both attentions, pairs of 64 regions, their position encoding, and the pooling.
    private static let regions: @Sendable (Double, Double) -> Double = { n, d in
        let pairs = n * n / 64
        return 2 * (n * 4 * d * d + pairs * (2 * d + 8 * 15)) + attention(n, d, hidden: 128, rows: 1)
    }

    /// Two layers of Nyström attention with 256 landmarks and 8 heads; only the class token's row after the second.
    private static let transformer: @Sendable (Double, Double) -> Double = { n, d in
        let landmarks = 256.0
        // Projections; landmarks × instances and back twice in the first layer, once in the second.
        let products = 2 * n * (2 * 3 * d * d + d * d) + 2 * n * landmarks * d * 6
        let inverses = 2 * 8 * 6 * 4 * 2 * landmarks * landmarks * landmarks
        let convolutions = 2 * n * d * (33 + 83)
        return products + inverses + convolutions
    }
}
