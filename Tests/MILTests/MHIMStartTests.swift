import Records
import Storage
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

/// How a training begins.
@Suite struct MHIMStartTests {
    private func checkpoint(_ config: MHIMConfig) throws -> [String: StoredTensor] {
        let source = FreshParameters(CounterDraws(seed: 9, fold: 0))
        let host = try config.hostModel(featureWidth: 6, classes: 2, from: source)
        return Dictionary(
            uniqueKeysWithValues: try host.parameters.map {
                ($0.name, StoredTensor(shape: $0.tensor.shape, floats: try $0.tensor.floats()))
            }
        )
    }

    @Test func aNewTeacherIsACopyOfItsStudent() throws {
        let all = try valuesByName(freshMHIM().parameters)
        let own = all.filter { !$0.key.hasPrefix("teacher.") }
        #expect(own.count * 2 == all.count)
        for (name, values) in own { #expect(all["teacher.\(name)"] == values, "\(name)") }
    }

    @Test(
        arguments: [
            (1, nil, ["feature.0.weight", "feature.0.bias"]), (2, nil, []), (2, .teacher, attentionOrder),
            (1, .random, []), (2, .embedding, ["feature.0.weight", "feature.0.bias"]),
        ] as [(Int, MHIMConfig.Start.Student?, [String])]
    )
    func theTeacherIsTheTrainedHostAndTheStudentAsMuchOfItAsTheConfigSays(
        version: Int,
        student: MHIMConfig.Start.Student?,
        loaded: [String]
    ) throws {
        var config = smallMHIM(version: version)
        config.start.student = student
        let model = try freshMHIM(config)
        let before = try valuesByName(model.parameters)
        let host = try checkpoint(config)
        try model.begin(withHost: host, path: "host")
        for (name, after) in try valuesByName(model.parameters) {
            let stored = host[name.replacing(/^teacher\./, with: "")]?.floats
            let isLoaded = stored != nil && (name.hasPrefix("teacher.") || loaded.contains(name))
            #expect(after == (isLoaded ? stored : before[name]), "\(name)")
        }
    }

    @Test func aGatedHostIsNoneForAnUngatedOne() throws {
        var gated = smallMHIM()
        gated.gated = true
        let host = try checkpoint(gated)
        let error = #expect(throws: MILError.self) { try freshMHIM(smallMHIM()).begin(withHost: host, path: "host") }
        #expect(error?.message.contains("online_encoder.attention.attention_a.0.weight") == true)
    }

    @Test func aHostThatLacksATensorOrHasAnotherShapeIsRefusedByName() throws {
        var host = try checkpoint(smallMHIM())
        host["predictor.bias"] = nil
        let missing = #expect(throws: MILError.self) { try freshMHIM(smallMHIM()).begin(withHost: host, path: "host") }
        #expect(missing?.message.contains("predictor.bias is missing") == true)
        host["predictor.bias"] = StoredTensor(shape: [3], floats: [0, 0, 0])
        let shaped = #expect(throws: MILError.self) { try freshMHIM(smallMHIM()).begin(withHost: host, path: "host") }
        #expect(shaped?.message.contains("predictor.bias") == true)
    }

    @Test func aRefusedHostChangesNothing() throws {
        var host = try checkpoint(smallMHIM())
        host["predictor.bias"] = nil
        let model = try freshMHIM(smallMHIM())
        let before = try valuesByName(model.parameters)
        #expect(throws: MILError.self) { try model.begin(withHost: host, path: "host") }
        #expect(try valuesByName(model.parameters) == before)
    }

    @Test(arguments: MHIMConfig.Host.allCases)
    func aPlainProblemIsLearnedAndItsCheckpointRepeatsThePredictions(host: MHIMConfig.Host) throws {
        var config = smallMHIM(host, version: 1)
        config.hidden = 64
        (config.maskRandom, config.maskLow, config.maskHigh) = (0.1, 0.1, 0.05)
        config.start.host = false
        try expectLearned(.mhim(config))
    }
}
