import Foundation
import Records

@testable import Config
@testable import Evaluation
@testable import Messages

/// Bags of 32 instances, of which 0 to 24 are shifted: that number is what targets follow from.
struct AmountBags {
    struct Made {
        var slide: SlideID
        var caseID: String
        /// How many instances are shifted.
        var amount: Int
        /// What else is drawn of it follows on the features.
        var random: CounterRandom
    }

    private(set) var bags = MemoryBags()
    private(set) var made: [Made] = []

    init(_ count: Int) throws {
        for index in 0..<count {
            let slide = try SlideID("s\(100 + index)")
            var random = CounterRandom(seed: 3, "bag", index)
            let amount = index * 7 % 25
            var features = (0..<(32 * 8)).map { _ in Float(random.uniform(-0.5, 0.5)) }
            for instance in 0..<amount { features[instance * 8 + 2] += 2 }
            bags.add(slide, width: 8, features)
            made.append(Made(slide: slide, caseID: "p\(index)", amount: amount, random: random))
        }
    }

    /// Every kind of model, narrow.
    static let models = [
        #"{"kind": "mean"}"#, #"{"kind": "max"}"#, #"{"kind": "abmil"}"#,
        #"{"kind": "acmil", "hidden": 16, "attention_hidden": 16}"#,
        #"{"kind": "acmil", "variant": "mha", "hidden": 16, "heads": 2}"#,
        #"{"kind": "clam", "k_sample": 4}"#, #"{"kind": "clam", "variant": "mb", "k_sample": 4}"#,
        #"{"kind": "dsmil", "hidden": 16, "attention_hidden": 16}"#, #"{"kind": "transmil", "hidden": 16}"#,
        #"{"kind": "dtfd", "hidden": 16}"#, #"{"kind": "dtfd", "hidden": 16, "distillation": "maxmins"}"#,
        #"{"kind": "rrt", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
        #"{"kind": "wikg", "hidden": 16}"#,
        #"{"kind": "wikg", "hidden": 16, "aggregation": "sage", "pooling": "mean"}"#,
        #"{"kind": "mhim", "hidden": 16, "attention_hidden": 16}"#,
        #"{"kind": "mhim", "host": "dsmil", "hidden": 16, "attention_hidden": 16}"#,
    ]

    /// - Parameters:
    ///   - model: as a config has it.
    ///   - output: the folder of the fold.
    static func request(
        _ model: String,
        _ cohort: Cohort,
        _ split: Split,
        _ training: TrainingConfig,
        by convention: EvaluationConfig.Convention = .honest,
        to output: URL
    ) throws -> TrainRequest {
        var evaluation = EvaluationConfig()
        (evaluation.bootstrap, evaluation.protocol) = (0, convention)
        return TrainRequest(
            name: "test",
            cohort: cohort,
            split: split,
            features: [:],
            encoder: EncoderFacts(name: "made", digest: "0", licence: "none", isHandcrafted: false),
            model: try JSONDecoder().decode(ModelConfig.self, from: Data(model.utf8)),
            training: training,
            evaluation: evaluation,
            output: output.path,
            fingerprint: "abc",
            provenance: [:]
        )
    }
}
