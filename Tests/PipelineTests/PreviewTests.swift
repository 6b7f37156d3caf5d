import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct PreviewTests {
    private let scratch: Scratch
    private let stage: FeatureStage
    private let encoder = EncoderIdentity(name: "net", digest: "d", width: 10, input: nil, licence: "none")

    init() throws {
        scratch = try Scratch()
        stage = FeatureStage(
            layout: JobLayout(root: scratch.file("job")),
            encoders: [],
            settings: WorkSettings(workers: 4, programs: Programs(wsi: "/none", compute: "/none"))
        )
    }

    private func survey(_ slides: [[SurveyTask.Figure: Double]]) throws -> Survey {
        Survey(
            found: Dictionary(
                uniqueKeysWithValues: try slides.enumerated().map { (try SlideID("s\($0)"), $1) }
            )
        )
    }

    @Test func measuredSlidesAreSpreadOverTheList() {
        #expect(Preview.sample(Array(0..<100)).sorted() == [0, 12, 25, 37, 50, 62, 75, 87])
        #expect(Preview.sample(Array(0..<3)).sorted() == [0, 1, 2])
        #expect(Preview.sample([Int]()).isEmpty)
    }

    @Test func whatIsNotMeasuredFollowsFromHowManyPatchesWouldFit() throws {
        let survey = try survey([
            [.candidates: 100, .patches: 30], [.candidates: 300, .patches: 50], [.candidates: 1000],
        ])
        // 80 of 400 candidates are patches, a fifth.
        #expect(survey.total(.patches) == 280)
        #expect(survey.total(.bytes) == 0)
        #expect(survey.mean(.patches) == 40)
        #expect(survey.mean(.tileSeconds) == nil)
    }

    @Test func diskAndTimeFollowFromThePatches() throws {
        var preview = Preview(stage: StageName("features_net"), done: 0, waiting: 2)
        stage.estimate(
            &preview,
            encoder,
            patches: 1000,
            pace: try survey([[.patchSeconds: 0.004], [.patchSeconds: 0.006]])
        )
        // 10 numbers of 4 bytes, two corners of 8, and a frame for each of two files.
        #expect(preview.bytes == 1000 * 56 + 2 * 12_000)
        // Two slides keep two of four workers busy.
        #expect(preview.seconds.map { abs($0 - 2.5) < 1e-9 } == true)
        #expect((preview.measured, preview.exitStatus) == (2, .ok))
    }

    @Test func aNetworksPaceIsThatOfItsLastRunInTheJob() throws {
        var preview = Preview(stage: StageName("features_net"), done: 0, waiting: 2)
        stage.estimate(&preview, encoder, patches: 1000, pace: nil)
        #expect(preview.seconds == nil)
        var throughput = Throughput()
        (throughput.patches, throughput.seconds) = (500, 20)
        for (name, stages) in [("1", ["features_net"]), ("2", ["features_net", "features_other"])] {
            let record = RunRecord(
                stages: stages.map(StageName.init),
                process: .own(),
                began: "2026-01-0\(name)T00:00:00Z",
                workers: 4,
                units: 1,
                throughput: throughput
            )
            try CanonicalJSON.write(record, to: RunRecord.folder(stage.layout).appending(path: "\(name).json"))
            throughput.seconds = 1
        }
        stage.estimate(&preview, encoder, patches: 1000, pace: nil)
        #expect(preview.seconds == 40)
    }

    @Test func moreThanTheDiskHoldsIsAFailureToTryElsewhere() {
        var preview = Preview(stage: .tile, done: 0, waiting: 1)
        preview.bytes = 1e18
        preview.checkSpace(at: stage.layout)
        #expect(preview.failures.map(\.code) == [.noSpace])
        #expect(preview.exitStatus == .temporary)
    }
}
