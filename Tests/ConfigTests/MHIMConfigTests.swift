import Config
import Files
import Foundation
import Records
import Testing

private func decode(_ json: String) throws -> ModelConfig {
    try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
}

@Suite struct MHIMConfigTests {
    @Test func theKindAloneIsVersion2OnABMILAsPublished() throws {
        let config = MHIMConfig()
        #expect(try decode(#"{"kind": "mhim"}"#) == .mhim(config))
        #expect((config.host, config.version) == (.abmil, 2))
        #expect((config.maskRandom, config.maskLow, config.maskHigh, config.maskHighShare) == (0, 0, 0.03, 1))
        #expect(!config.maskHighDecay && config.classScore && config.merge && !config.momentumRise)
        #expect((config.mergeTokens, config.mergeKeep, config.mergeMomentum) == (5, 0.9, 0.9999))
        #expect((config.consistency, config.temperature, config.momentum) == (0.5, 0.1, 0.9997))
        #expect((config.activation, config.attentionActivation, config.dropout) == (.gelu, .relu, 0.25))
        #expect(config.start.host && config.studentStart == .random)
    }

    @Test(arguments: [
        (MHIMConfig.Host.abmil, 0.5, 0.0, 0.01, false), (.dsmil, 0.5, 0, 0.01, false), (.transmil, 0, 0.8, 0.03, true),
    ])
    func version1HasTheRecipeOfItsHost(host: MHIMConfig.Host, random: Double, low: Double, high: Double, rises: Bool)
        throws
    {
        let config = MHIMConfig(host: host, version: 1)
        #expect(try decode(#"{"kind": "mhim", "version": 1, "host": "\#(host.rawValue)"}"#) == .mhim(config))
        #expect((config.maskRandom, config.maskLow, config.maskHigh) == (random, low, high))
        #expect((config.maskHighShare, config.maskHighDecay, config.momentumRise) == (0.5, true, rises))
        #expect((config.consistency, config.momentum, config.activation) == (0.1, 0.9999, .relu))
        #expect(!config.classScore && !config.merge)
        #expect(config.studentStart == .embedding)
        #expect(config.dsmil.mean == .probabilities)
    }

    @Test(arguments: MHIMConfig.Host.allCases, [1, 2])
    func whatIsWrittenIsReadBack(host: MHIMConfig.Host, version: Int) throws {
        var config = MHIMConfig(host: host, version: version)
        (config.maskRandom, config.maskLow, config.maskHigh) = (0.1, 0.2, 0.3)
        (config.maskHighShare, config.maskHighDecay) = (0.4, version == 2)
        (config.consistency, config.temperature, config.momentum, config.momentumRise) = (0.7, 0.2, 0.5, true)
        (config.teacherDropout, config.activation, config.hidden, config.dropout) = (false, .gelu, 64, 0.1)
        config.start.student = .teacher
        if version == 2 {
            (config.classScore, config.merge, config.mergeTokens, config.mergeKeep) = (false, false, 3, 0.8)
            (config.mergeMomentum, config.mergeHeads, config.mergeHeadWidth, config.mergeDropout) = (0.9, 2, 8, 0)
        }
        switch host {
        case .abmil: (config.attentionHidden, config.attentionActivation, config.gated) = (32, .tanh, true)
        case .dsmil: config.attentionHidden = 32
        case .transmil:
            (config.attentionLayer, config.heads, config.landmarks, config.attentionDropout) = (2, 4, 16, 0)
        }
        let encoded = try JSONEncoder().encode(ModelConfig.mhim(config).resolved(featureWidth: 1024))
        #expect(try JSONDecoder().decode(ModelConfig.self, from: encoded) == .mhim(config))
    }

    @Test(arguments: [
        (#"{"kind": "mhim", "version": 3}"#, "version"), (#"{"kind": "mhim", "host": "clam"}"#, "host"),
        (#"{"kind": "mhim", "version": 1, "merge": false}"#, "merge"),
        (#"{"kind": "mhim", "version": 1, "class_score": true}"#, "class_score"),
        (#"{"kind": "mhim", "heads": 8}"#, "heads"),
        (#"{"kind": "mhim", "host": "dsmil", "gated": true}"#, "gated"),
        (#"{"kind": "mhim", "host": "transmil", "attention_hidden": 8}"#, "attention_hidden"),
        (#"{"kind": "mhim", "host": "transmil", "hidden": 20}"#, "hidden"),
        (#"{"kind": "mhim", "mask_high": 1.5}"#, "mask_high"), (#"{"kind": "mhim", "mask_low": -0.1}"#, "mask_low"),
        (#"{"kind": "mhim", "mask_high_share": 0}"#, "mask_high_share"),
        (#"{"kind": "mhim", "temperature": 0}"#, "temperature"), (#"{"kind": "mhim", "momentum": 1.1}"#, "momentum"),
        (#"{"kind": "mhim", "merge_keep": 1}"#, "merge_keep"), (#"{"kind": "mhim", "fusion": "mean"}"#, "fusion"),
        (#"{"kind": "mhim", "init": {"host": false, "student": "teacher"}}"#, "init.student"),
        (#"{"kind": "mhim", "init": {"teacher": true}}"#, "init.teacher"),
    ])
    func aWrongKeyOrValueIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(json) }
        #expect(error.subject == path)
    }
}

@Suite struct TransMILConfigTests {
    @Test func theKindAloneGivesTheDefaultsAndAllKeysAreReadAndWritten() throws {
        var config = TransMILConfig()
        #expect(try decode(#"{"kind": "transmil"}"#) == .transmil(config))
        #expect((config.hidden, config.heads, config.landmarks, config.dropout) == (512, 8, nil, 0.25))
        #expect((config.attentionDropout, config.activation) == (0.1, .relu))
        (config.activation, config.hidden, config.heads, config.landmarks) = (.gelu, 64, 2, 16)
        (config.dropout, config.attentionDropout) = (0.5, 0)
        let encoded = try JSONEncoder().encode(ModelConfig.transmil(config))
        #expect(try JSONDecoder().decode(ModelConfig.self, from: encoded) == .transmil(config))
    }

    @Test(arguments: [
        (#"{"kind": "transmil", "hidden": 100}"#, "hidden"), (#"{"kind": "transmil", "heads": 0}"#, "heads"),
        (#"{"kind": "transmil", "landmarks": 0}"#, "landmarks"), (#"{"kind": "transmil", "gated": true}"#, "gated"),
        (#"{"kind": "transmil", "attention_dropout": 1}"#, "attention_dropout"),
    ])
    func aWrongKeyOrValueIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(json) }
        #expect(error.subject == path)
    }
}

@Suite struct CLAMConfigTests {
    @Test func theKindAloneGivesThePapersDefaultsAndAllKeysAreReadAndWritten() throws {
        var config = CLAMConfig()
        #expect(try decode(#"{"kind": "clam"}"#) == .clam(config))
        #expect((config.variant, config.hidden, config.attentionHidden, config.dropout) == (.sb, nil, 256, 0.25))
        #expect((config.sampled, config.bagWeight, config.instanceLoss, config.subtyping) == (8, 0.7, .svm, nil))
        #expect(ModelConfig.clam(config).resolved(featureWidth: 1024) != .clam(config))
        (config.variant, config.hidden, config.attentionHidden, config.dropout) = (.mb, 32, 16, 0)
        (config.sampled, config.bagWeight, config.instanceLoss, config.subtyping) = (4, 1, .ce, true)
        let json = """
            {"kind": "clam", "variant": "mb", "hidden": 32, "attention_hidden": 16, "dropout": 0, "k_sample": 4,
             "bag_weight": 1, "instance_loss": "ce", "subtyping": true}
            """
        #expect(try decode(json) == .clam(config))
        let encoded = try JSONEncoder().encode(ModelConfig.clam(config).resolved(featureWidth: 1024))
        #expect(try JSONDecoder().decode(ModelConfig.self, from: encoded) == .clam(config))
    }

    @Test(arguments: [
        (#"{"kind": "clam", "k_sample": 0}"#, "k_sample"), (#"{"kind": "clam", "bag_weight": 1.1}"#, "bag_weight"),
        (#"{"kind": "clam", "variant": "ga"}"#, "variant"),
        (#"{"kind": "clam", "instance_loss": "mse"}"#, "instance_loss"),
    ])
    func aWrongKeyOrValueIsRefusedByItsPath(json: String, path: String) throws {
        let error = try #require(throws: ConfigError.self) { try decode(json) }
        #expect(error.subject == path)
    }
}
