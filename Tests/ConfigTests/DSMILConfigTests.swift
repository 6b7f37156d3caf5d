import Config
import Files
import Foundation
import Records
import Testing

@Suite struct DSMILConfigTests {
    private func decode(_ json: String) throws -> ModelConfig {
        try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
    }

    @Test func theKindAloneGivesThePapersDefaults() throws {
        let config = DSMILConfig()
        #expect(try decode(#"{"kind": "dsmil"}"#) == .dsmil(config))
        #expect((config.hidden, config.attentionHidden, config.dropout, config.activation) == (512, 128, 0.25, .relu))
    }

    @Test func everyKeyIsReadAndWritten() throws {
        var config = DSMILConfig()
        (config.hidden, config.attentionHidden, config.dropout, config.activation) = (32, 16, 0.5, .gelu)
        config.mean = .logits
        let json =
            #"{"kind": "dsmil", "hidden": 32, "attention_hidden": 16, "dropout": 0.5, "activation": "gelu", "mean": "logits"}"#
        #expect(try decode(json) == .dsmil(config))
        let encoded = try JSONEncoder().encode(ModelConfig.dsmil(config).resolved(featureWidth: 1024))
        #expect(try JSONDecoder().decode(ModelConfig.self, from: encoded) == .dsmil(config))
    }

    @Test(arguments: [
        (#"{"kind": "dsmil", "hidden": 0}"#, "hidden"), (#"{"kind": "dsmil", "dropout": 1}"#, "dropout"),
        (#"{"kind": "dsmil", "activation": "tanh"}"#, "activation"), (#"{"kind": "dsmil", "gated": true}"#, "gated"),
        (#"{"kind": "dsmil", "attention_hidden": 20000}"#, "attention_hidden"),
    ])
    func aWrongKeyOrValueIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(json) }
        #expect(error.subject == path)
    }
}
