import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import Pipeline

/// What `wsi verify` finds of trainings, and of what follows from them.
@Suite struct VerifyTrainingTests {
    private let job: SmallJob
    private let study = "training/m/study.json"

    init() throws { job = try SmallJob() }

    private func rewrite(_ path: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: job.file(path), encoding: .utf8)
        #expect(text.contains(old))
        try AtomicFile.write(text.replacing(old, with: new), to: job.file(path))
    }

    @Test func aStudyWithABrokenSealIsDamagedWithWhatMendsIt() throws {
        try rewrite(study, #""n""#, #""k""#)
        let finding = try #require(try job.verified().findings.first)
        #expect((finding.kind, finding.code, finding.path) == (.damaged, .digest, study))
        #expect(finding.message == "is not what was written")
        let train = "run wsi train with the config of m and --out \(job.layout.root.path)"
        #expect(finding.remedy == "\(train), or copy the training again")
        try AtomicFile.write("{", to: job.file(study))
        #expect(try job.faults() == (["damaged \(study)"], .integrity))
    }

    @Test func aSealCannotSimplyBeTakenOff() throws {
        let seal = try #require(try CanonicalJSON.read(TrainedStudy.self, from: job.file(study)).seal)
        try rewrite(study, "\"seal\" : \"\(seal)\",", "")
        #expect(try job.faults() == (["damaged \(study)"], .integrity))
    }

    @Test func aStudyOfAnEarlierVersionIsComparedAsFarAsItGoes() throws {
        var study = try CanonicalJSON.read(TrainedStudy.self, from: job.file(study))
        (study.files, study.seal) = (nil, nil)
        try CanonicalJSON.write(study, to: job.file(self.study))
        #expect(try job.faults() == ([], .ok))
        #expect(try job.verified().notes.count == 1)
        // The outcomes of the folds have their digests too.
        try job.flip("training/m/fold_1/checkpoint.safetensors")
        #expect(try job.faults() == (["damaged training/m/fold_1/checkpoint.safetensors"], .integrity))
    }

    @Test func foldsThatWereTrainedAnewAreNotThoseOfTheStudy() throws {
        let before = try Data(contentsOf: job.file(study))
        try job.train(epochs: 6)
        let after = try Data(contentsOf: job.file(study))
        try before.write(to: job.file(study))
        let cards = [0, 1].map { "contradictory training/m/fold_\($0)/checkpoint.json" }
        #expect(try job.faults() == (cards, .integrity))
        try after.write(to: job.file(study))
        // The predictions are intact and no longer of these models.
        let report = try job.verified()
        #expect(report.findings.isEmpty && report.exitStatus(strict: true) == .ok)
        #expect(report.stale.map(\.stage) == ["heatmap_m", "predict_m"])
        #expect(report.stale.map { $0.units.map(\.text) } == [["a", "b"], ["a", "b"]])
    }

    /// As `wsi train --fold 0 --redo` with a changed config leaves them.
    @Test func foldsOfTwoConfigurationsAreMadeOneTrainingWithRedo() throws {
        let kept = [study, "training/m/fold_1/checkpoint.json", "outcomes/train_m/fold_1.json"]
        let before = try kept.map { try Data(contentsOf: job.file($0)) }
        try job.train(epochs: 6)
        try before[0].write(to: job.file(study))
        // Nothing is in the way where all folds are of one.
        let train = "run wsi train with the config of m and --out \(job.layout.root.path)"
        #expect(try job.verified().findings.map(\.remedy) == [train, train])
        for (path, data) in zip(kept, before) { try data.write(to: job.file(path)) }
        #expect(try job.verified().findings.map(\.remedy) == ["\(train) --redo"])
        let error = try #require(throws: Failure.self) { try TrainedStudy.read(job.layout.training("m")) }
        #expect(error.subject == "fold_0" && error.message.hasSuffix("\(train) --redo"), "\(error)")
    }

    @Test func oneConfigIsOfAllSeeds() {
        let command = job.layout.command(of: .evaluate(TrainingName("m", seed: 1)))
        #expect(command == "wsi train with the config of m and --out \(job.layout.root.path)")
    }

    @Test func theCheckpointsOfTwoFoldsCannotTradePlaces() throws {
        try job.swap("training/m/fold_0/checkpoint.json", "training/m/fold_1/checkpoint.json")
        let faults = [0, 1].map { "damaged training/m/fold_\($0)/checkpoint.json" }
        #expect(try job.faults() == (faults, .integrity))
        // Not even where nothing else of the job is on record: a training that was copied.
        for stage in ["train_m", "predict_m", "heatmap_m"] { try job.remove("outcomes/\(stage)") }
        let cards = [0, 1].map { "contradictory training/m/fold_\($0)/checkpoint.json" }
        #expect(try job.faults() == (cards, .integrity))
    }

    @Test func anOutcomeOfAnotherTrainingThanTheCheckpointIsToldFromIt() throws {
        try job.change("train_m", "fold_0") { $0.fingerprint.inputs["features"] = "others" }
        #expect(try job.faults() == (["contradictory outcomes/train_m/fold_0.json"], .integrity))
    }

    @Test func weightsOfLargeModelsAreComparedInFull() throws {
        let (weights, card) = ("training/m/fold_0/checkpoint.safetensors", "training/m/fold_0/checkpoint.json")
        let data = Data(repeating: 7, count: 9 << 20)
        try data.write(to: job.file(weights))
        let mark = try CanonicalJSON.read(TrainedStudy.CheckpointMark.self, from: job.file(card)).fingerprint
        try AtomicFile.write(
            #"{"fingerprint": "\#(mark)", "weights_sha256": "\#(Digest.sha256(data))"}"#,
            to: job.file(card)
        )
        let made = try #require(try job.layout.record(of: SlideID("fold_0"), stage: StageName("train_m"))).fingerprint
        let files = [job.file(weights), job.file(card)]
        try job.record("train_m", "fold_0", parameters: made.parameters, inputs: made.inputs, files)
        var study = try CanonicalJSON.read(TrainedStudy.self, from: job.file(study))
        study.files = nil
        study.seal = nil
        try CanonicalJSON.write(study, to: job.file(self.study))
        #expect(try job.faults() == ([], .ok))
        // Between the blocks of the quick digest.
        let step = (data.count - (2 << 20) - (64 << 10)) / 63
        var flipped = data
        flipped[(1 << 20) + step - 1] ^= 1
        try flipped.write(to: job.file(weights))
        #expect(try job.faults() == (["contradictory \(weights)"], .integrity))
    }

    @Test func metricsWithoutTheirStudyMissIt() throws {
        let metrics = job.file("training/m/metrics.json")
        try AtomicFile.write("{}", to: metrics)
        try job.record("evaluate_m", "metrics", [metrics])
        #expect(try job.faults() == ([], .ok))
        try job.remove(study)
        #expect(try job.faults() == (["missing \(study)"], .integrity))
    }

    @Test func metricsOfASeedThatTheTrainingHasNoMoreAreOrphans() throws {
        let metrics = job.file("training/n/seed_2/metrics.json")
        try AtomicFile.write("{}", to: metrics)
        try job.record("evaluate_n/seed_2", "metrics", [metrics])
        try job.remove("training/n")
        let report = try job.verified()
        #expect(
            report.findings.map { "\($0.kind.rawValue) \($0.path)" } == [
                "orphan outcomes/evaluate_n/seed_2/metrics.json"
            ]
        )
        #expect(report.exitStatus(strict: false) == .ok)
    }

    @Test func finerMapsAreAJobOfTheirOwnInside() throws {
        let finer = JobLayout(root: job.file("finer/m-overlap0.5-top1"))
        let (picture, regions) = (
            finer.root.appending(path: "thumbnails/a.jpg"), finer.root.appending(path: "regions/a.geojson")
        )
        for file in [picture, regions] { try AtomicFile.write("x", to: file) }
        var outcome = Outcome(
            unit: try UnitID("a"),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(
                stage: "tile",
                parameters: [:],
                inputs: ["regions": try Digest.sha256(fileAt: regions)]
            )
        )
        try outcome.record([picture], in: finer)
        try CanonicalJSON.write(outcome, to: finer.outcome(stage: .tile, outcome.unit))
        #expect(try job.faults() == ([], .ok))
        for name in ["thumbnails/a.jpg", "regions/a.geojson"] {
            let path = "finer/m-overlap0.5-top1/\(name)"
            try AtomicFile.write("y", to: job.file(path))
            #expect(try job.faults() == (["damaged \(path)"], .integrity))
            let remedy = try job.verified().findings.first?.remedy
            #expect(remedy?.hasPrefix("run wsi heatmap \(job.layout.root.path) with the same --overlap") == true)
            try AtomicFile.write("x", to: job.file(path))
        }
    }
}
