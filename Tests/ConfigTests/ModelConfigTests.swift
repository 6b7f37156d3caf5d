import Config
import Files
import Foundation
import Records
import Testing

private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode([String: Value].self, from: Data("{\"model\": \(json)}".utf8))["model"]
        ?? { throw ConfigError("model", "absent") }()
}

@Suite struct ModelConfigTests {
    @Test func theKindAloneGivesThePapersDefaults() throws {
        let expected = ACMILConfig()
        #expect(try decode(ModelConfig.self, #"{"kind": "acmil"}"#) == .acmil(expected))
        #expect(
            (expected.branches, expected.maskedPatches, expected.maskDrop, expected.attentionHidden) == (
                5, 10, 0.6, 128
            )
        )
        #expect(try decode(ModelConfig.self, #"{"kind": "abmil"}"#) == .abmil(ABMILConfig()))
    }

    @Test func everyKeyOfTheDocumentedFormIsRead() throws {
        let json = """
            {"kind": "acmil", "variant": "ga", "branches": 2, "masked_patches": 3, "mask_drop": 0.8, "hidden": null,
             "attention_hidden": 64}
            """
        var expected = ACMILConfig()
        (expected.branches, expected.maskedPatches, expected.maskDrop, expected.attentionHidden) = (2, 3, 0.8, 64)
        #expect(try decode(ModelConfig.self, json) == .acmil(expected))
        let plain = #"{"kind": "abmil", "gated": false, "hidden": 32, "attention_hidden": 16, "dropout": 0.25}"#
        var abmil = ABMILConfig()
        (abmil.gated, abmil.hidden, abmil.attentionHidden, abmil.dropout) = (false, 32, 16, 0.25)
        #expect(try decode(ModelConfig.self, plain) == .abmil(abmil))
        let heads = #"{"kind": "acmil", "variant": "mha", "heads": 4, "dropout": 0.2, "hidden": 12}"#
        var multiHead = ACMILConfig()
        (multiHead.variant, multiHead.heads, multiHead.dropout, multiHead.hidden) = (.mha, 4, 0.2, 12)
        #expect(try decode(ModelConfig.self, heads) == .acmil(multiHead))
        var pooling = PoolingConfig(.max)
        (pooling.hidden, pooling.dropout) = (64, 0)
        #expect(try decode(ModelConfig.self, #"{"kind": "max", "hidden": 64, "dropout": 0}"#) == .pooling(pooling))
        #expect(try decode(ModelConfig.self, #"{"kind": "mean"}"#).kind == .mean)
    }

    @Test func onlyTheKeysOfTheVariantAreWritten() throws {
        var config = ACMILConfig()
        func keys() throws -> Set<String> {
            let data = try JSONEncoder().encode(config)
            return Set((try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]).keys)
        }
        let shared: Set = ["kind", "variant", "branches", "masked_patches", "mask_drop"]
        #expect(try keys() == shared.union(["attention_hidden"]))
        config.variant = .mha
        #expect(try keys() == shared.union(["heads", "dropout"]))
    }

    @Test func encodingAndDecodingGivesTheSameConfig() throws {
        var multiHead = ACMILConfig()
        (multiHead.variant, multiHead.heads) = (.mha, 4)
        for config in [
            ModelConfig.acmil(ACMILConfig()), .abmil(ABMILConfig()).resolved(featureWidth: 256), .acmil(multiHead),
            .pooling(PoolingConfig(.max)).resolved(featureWidth: 384),
        ] {
            #expect(try JSONDecoder().decode(ModelConfig.self, from: JSONEncoder().encode(config)) == config)
        }
    }

    @Test(arguments: [
        (#"{"kind": "acmil", "branchs": 5}"#, "model.branchs"),
        (#"{"kind": "acmil", "branches": 0}"#, "model.branches"),
        (#"{"kind": "acmil", "mask_drop": 1.5}"#, "model.mask_drop"), (#"{"kind": "cnn"}"#, "model.kind"),
        (#"{"branches": 5}"#, "model.kind"), (#"{"kind": "abmil", "dropout": 1}"#, "model.dropout"),
        (#"{"kind": "abmil", "hidden": 0}"#, "model.hidden"), (#"{"kind": "abmil", "gated": 1}"#, "model.gated"),
        (#"{"kind": "acmil", "variant": "mean"}"#, "model.variant"),
        (#"{"kind": "abmil", "branches": 2}"#, "model.branches"), (#"{"kind": "acmil", "heads": 8}"#, "model.heads"),
        (#"{"kind": "acmil", "variant": "mha", "attention_hidden": 64}"#, "model.attention_hidden"),
        (#"{"kind": "acmil", "variant": "mha", "hidden": 20}"#, "model.hidden"),
        (#"{"kind": "acmil", "variant": "mha", "heads": 0}"#, "model.heads"),
        (#"{"kind": "acmil", "variant": "mha", "dropout": 1}"#, "model.dropout"),
        (#"{"kind": "mean", "dropout": -0.1}"#, "model.dropout"),
        (#"{"kind": "max", "branches": 2}"#, "model.branches"),
    ])
    func aWrongKeyOrValueIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(ModelConfig.self, json) }
        #expect(error.subject == path)
    }

    @Test(arguments: [(384, 128), (512, 256), (768, 384), (1024, 512), (1536, 768), (256, 128), (10, 8)])
    func theHiddenWidthFollowsThePapersTable(features: Int, hidden: Int) {
        var expected = ACMILConfig()
        expected.hidden = hidden
        #expect(ModelConfig.acmil(ACMILConfig()).resolved(featureWidth: features) == .acmil(expected))
    }
}

@Suite struct TrainingConfigTests {
    @Test func anEmptyObjectLeavesEverythingToTheRecipe() throws {
        #expect(try decode(TrainingConfig.self, "{}") == TrainingConfig())
    }

    @Test(arguments: [
        (#"{"learning_rate": 0}"#, "model.learning_rate"), (#"{"epochs": 0}"#, "model.epochs"),
        (#"{"warmup_epochs": 50}"#, "model.warmup_epochs"), (#"{"seed": -1}"#, "model.seed"),
        (#"{"selection": "best"}"#, "model.selection"),
        (#"{"minimum_learning_rate": 1}"#, "model.minimum_learning_rate"),
        (#"{"lr": 1}"#, "model.lr"), (#"{"device": "gpu"}"#, "model.device"),
        (#"{"class_weights": [1, 0]}"#, "model.class_weights"),
        (#"{"early_stopping": {"after_epoch": 3}}"#, "model.early_stopping.patience"),
        (#"{"sampling": "all"}"#, "model.sampling"), (#"{"precision": "fp16"}"#, "model.precision"),
    ])
    func aWrongTrainingKeyIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(TrainingConfig.self, json) }
        #expect(error.subject == path)
    }

    @Test func evaluationRefusesWhatCannotBeResampled() throws {
        let error = try #require(throws: ConfigError.self) { try decode(EvaluationConfig.self, #"{"bootstrap": 5}"#) }
        #expect(error.subject == "model.bootstrap")
        let config = try decode(EvaluationConfig.self, #"{"threshold": "argmax"}"#)
        #expect((config.threshold, config.bootstrap, config.confidence) == (.argmax, 2000, 0.95))
        #expect(throws: ConfigError.self) { try decode(EvaluationConfig.self, #"{"confidence": 1}"#) }
    }
}
