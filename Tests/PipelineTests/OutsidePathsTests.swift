import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct OutsidePathsTests {
    private let scratch: Scratch
    private let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
    }

    @Test func processesAtOnceLoseNothingOfEachOther() async throws {
        let layout = layout
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask {
                    try FeaturePaths.record(URL(filePath: "/features/\(index)"), of: "m\(index)", in: layout)
                    try PredictionSources.add(
                        model: URL(filePath: "/models/\(index)"),
                        features: URL(filePath: "/features/\(index)"),
                        to: TrainingName("m"),
                        in: layout
                    )
                }
            }
            try await group.waitForAll()
        }
        let places = (0..<12).map { "/features/\($0)" }
        #expect(Set(try FeaturePaths.read(layout).trainings.values) == Set(places))
        let sources = try PredictionSources.read(TrainingName("m"), in: layout)
        #expect(Set(sources.features) == Set(places))
        #expect(Set(sources.models) == Set((0..<12).map { "/models/\($0)" }))
    }

    @Test func whatEarlierVersionsWroteCountsAndAMovedFolderTakesItsNewPlace() throws {
        try scratch.add("job/audit/features.json", #"{"trainings": {"m": "/old", "n": "/kept"}}"#)
        try scratch.add("job/audit/predictions/m.json", #"{"models": ["/one"], "features": []}"#)
        try FeaturePaths.record(URL(filePath: "/new"), of: "m", in: layout)
        #expect(try FeaturePaths.read(layout).trainings == ["m": "/new", "n": "/kept"])
        try PredictionSources.add(model: URL(filePath: "/two"), features: nil, to: TrainingName("m"), in: layout)
        #expect(try PredictionSources.read(TrainingName("m"), in: layout).models == ["/one", "/two"])
        // Seeds have names below their training's.
        try PredictionSources.add(
            model: URL(filePath: "/three"),
            features: nil,
            to: TrainingName("m", seed: 1),
            in: layout
        )
        #expect(try PredictionSources.read(TrainingName("m", seed: 1), in: layout).models == ["/three"])
    }

    @Test func whatIsOfTheJobItselfIsNotRecorded() throws {
        try PredictionSources.add(model: layout.training("m").url, features: nil, to: TrainingName("m"), in: layout)
        #expect(try PredictionSources.read(TrainingName("m"), in: layout) == PredictionSources())
        #expect(!FileManager.default.fileExists(atPath: layout.audit.path))
    }
}

@Suite struct RecordedScalesTests {
    /// Two shards of a cohort in which one slide is another scanner's.
    @Test(arguments: [[0, 1], [1, 0]])
    func shardsFindWhatTheWholeCohortFindsInWhateverOrderTheyEnd(_ order: [Int]) throws {
        let scratch = try Scratch()
        let layout = JobLayout(root: scratch.file("job"))
        let shards = [["a": 1.0, "b": 1.0], ["c": 1.3, "d": 1.0, "e": 1.0]]
        for shard in order {
            let own = try shards[shard].map { id, ratio in
                let fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])
                var outcome = Outcome(unit: try UnitID(id), stage: .tile, status: .ok, fingerprint: fingerprint)
                outcome[.scaleRatio] = ratio
                return outcome
            }
            for outcome in own { try CanonicalJSON.write(outcome, to: layout.outcome(stage: .tile, outcome.unit)) }
            let noted = try TileFindings.recordScales(of: own, in: layout)
            #expect(noted.count == own.count)
        }
        let found = try Stage.outcomes(stage: .tile, in: layout).filter { $0[.scaleNote] != nil }
        #expect(found.map(\.unit.text) == ["c"])
        #expect(found.first?[.scaleNote] == "30 % coarser than the cohort's nominal scale")
    }
}
