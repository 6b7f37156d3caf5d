import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// A job told by its records alone: two slides, a training of two folds that tests one each, and what follows from it.
@Suite struct LineageTests {
    private let scratch: Scratch
    let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        for id in ["a", "b"] { try features(id, tiled: try record("tile", id)) }
        try train()
        for (id, fold) in [("a", 0), ("b", 1)] { try predict(id, fold) }
        for id in ["a", "b"] { try draw(id) }
    }

    @discardableResult
    func record(
        _ stage: String,
        _ id: String,
        parameters: [String: String] = [:],
        inputs: [String: String] = [:],
        in job: JobLayout? = nil
    ) throws -> Outcome {
        let kind = stage.prefix { $0 != "_" && $0 != "." }.description
        let outcome = Outcome(
            unit: try UnitID(id),
            stage: StageName(stage),
            status: .ok,
            fingerprint: Fingerprint(stage: kind, parameters: parameters, inputs: inputs)
        )
        try CanonicalJSON.write(outcome, to: (job ?? layout).outcome(stage: StageName(stage), outcome.unit))
        return outcome
    }

    private func features(_ id: String, tiled: Outcome, precision: String = "fp32") throws {
        try record("features_e", id, parameters: ["precision": precision], inputs: ["patches": tiled.version()])
    }

    func version(_ stage: String, _ id: String, in job: JobLayout? = nil) throws -> String {
        try #require(try (job ?? layout).record(of: UnitID(id), stage: StageName(stage))).version()
    }

    private func model(_ name: String = "m") -> TrainingFolder { layout.training(TrainingName(text: name)) }

    /// - Parameter epochs: a training with others is another one.
    func train(
        _ name: String = "m",
        epochs: Int = 5,
        tests: [[String]] = [["a"], ["b"]],
        features: String? = nil,
        cases: [String: [SlideID]]? = nil
    ) throws {
        func ids(_ names: [String]) throws -> [SlideID] { try names.map { try SlideID($0) } }
        let path = features.map { #""path": "\#($0)""# } ?? #""encoder": "e""#
        let config =
            #"{"name": "m", "cohort": {"labels": "l"\#(features == nil ? #", "slides": "s""# : "")}, "features": {\#(path)}, "#
            + #""model": {"kind": "abmil"}}"#
        var study = TrainedStudy(
            config: try JSONDecoder().decode(PipelineConfig.self, from: Data(config.utf8)),
            classes: ["n", "t"],
            encoder: EncoderIdentity(name: "e", digest: "d", width: 4, input: nil, licence: "none"),
            splits: try tests.enumerated().map { fold, test in
                let train = ["a", "b"].filter { !test.contains($0) }
                return Split(fold: fold, train: try ids(train), validation: [], test: try ids(test))
            },
            cases: cases,
            checkpoints: tests.indices.map { "\(epochs) epochs, fold \($0)" },
            files: [:]
        )
        for (fold, mark) in study.checkpoints.enumerated() {
            let card = model(name).fold(fold).file(.card)
            try AtomicFile.write(
                #"{"fingerprint": "\#(mark)", "weights_sha256": "w\#(fold)", "threshold": 0.25}"#,
                to: card
            )
            study.files?["fold_\(fold)/checkpoint.json"] = try Digest.quick(fileAt: card)
        }
        try AtomicFile.write(study.sealed(), to: model(name).file(.study))
    }

    func predict(_ id: String, _ fold: Int, of name: String = "m", features: String? = nil) throws {
        let checkpoint = try #require(try TrainedStudy.checkpoint(fold, of: model(name)))
        let used = try features ?? version("features_e", id)
        try record("predict_\(name)", id, inputs: ["features": used, "fold_\(fold)": checkpoint.version])
    }

    private func draw(_ id: String, _ stage: String = "heatmap_m", more: [String: String] = [:]) throws {
        let inputs = ["prediction": try version("predict_m", id), "slide": ""].merging(more) { $1 }
        try record(stage, id, inputs: inputs)
    }

    func changes(_ stage: String, _ id: String, _ scrutiny: Scrutiny = .size) throws -> [String] {
        try Lineage(layout, scrutiny).changes(
            of: try #require(try layout.record(of: UnitID(id), stage: StageName(stage)))
        )
    }

    func stale(_ stage: String) throws -> [String] {
        let all = try JobStatus(of: layout).stages
        return try #require(all.first { $0.name == stage }).stale.map(\.text)
    }

    @Test func whatFollowsIsNotStale() throws {
        for stage in ["features_e", "predict_m", "heatmap_m"] { #expect(try stale(stage).isEmpty, "\(stage)") }
    }

    @Test func anotherTrainingOutdatesPredictionsAndWhatIsDrawnOfThem() throws {
        try train(epochs: 6)
        #expect(try changes("predict_m", "a") == ["fold_0"])
        #expect(try changes("heatmap_m", "b") == ["fold_1"])
        #expect(try stale("predict_m") == ["a", "b"] && stale("heatmap_m") == ["a", "b"])
        #expect(try stale("features_e").isEmpty)
        let reasons = try #require(try JobStatus(of: layout).stages.first { $0.name == "predict_m" }).staleReasons
        let predict = "run wsi predict \(layout.root.path) --model m --redo"
        #expect(reasons.map(\.message) == ["fold_0", "fold_1"].map { "\($0) changed since; \(predict)" })
        let maps = try #require(try JobStatus(of: layout).stages.first { $0.name == "heatmap_m" }).staleReasons
        let draw = "\(predict), then the same wsi heatmap of \(layout.root.path) --redo"
        #expect(maps.map(\.message) == ["fold_0", "fold_1"].map { "\($0) changed since; \(draw)" })
    }

    @Test func theSlideOfAnotherFoldIsOutdatedEvenWhereTheModelsStand() throws {
        try train(tests: [["b"], ["a"]])
        #expect(try changes("predict_m", "a") == ["fold_0", "fold_1"])
    }

    @Test func otherPatchesOutdateEverythingOfTheirSlide() throws {
        try record("tile", "a", parameters: ["mpp": "1"])
        #expect(try changes("features_e", "a") == ["patches"])
        #expect(try changes("predict_m", "a") == ["patches"])
        #expect(try changes("heatmap_m", "a") == ["patches"])
        #expect(try stale("heatmap_m") == ["a"])
        try features("a", tiled: try #require(try layout.record(of: SlideID("a"), stage: .tile)))
        #expect(try changes("predict_m", "a") == ["features"])
    }

    @Test func aReportAlsoFollowsFromThePatches() throws {
        try draw("b", "heatmap.report_m", more: ["tiling": try version("tile", "b")])
        #expect(try stale("heatmap.report_m").isEmpty)
        try record("tile", "b", parameters: ["mpp": "1"])
        #expect(try changes("heatmap.report_m", "b") == ["patches", "tiling"])
    }

    @Test func aReportOfBeforeAVerdictIsOutdated() throws {
        let stage = "heatmap.report_m"
        func say(_ text: String) throws {
            let line =
                #"{"slide": "b", "reviewer": "Ann", "time": "2026", "verdict": "agree", "text": "\#(text)", "marks": []}"#
            let file = layout.decisions.appending(path: "b.jsonl")
            let before = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            try AtomicFile.write(before + line + "\n", to: file)
        }
        try draw("b", stage)
        #expect(try changes(stage, "b").isEmpty)
        try say("first")
        #expect(try changes(stage, "b") == ["decisions"] && stale(stage) == ["b"])
        #expect(try changes("heatmap_m", "b").isEmpty, "a picture tells of no verdict")
        try FileManager.default.createDirectory(
            at: layout.predictions.appending(path: "m"),
            withIntermediateDirectories: true
        )
        let reasons = try #require(try JobStatus(of: layout).stages.first { $0.name == stage }).staleReasons
        let report = "wsi report \(layout.root.path) --model m --redo"
        #expect(reasons.map(\.message) == ["decisions changed since; run \(report)"])
        let digest = try #require(try DecisionsDigest.of(SlideID("b"), in: layout))
        try draw("b", stage, more: ["decisions": digest])
        #expect(try changes(stage, "b").isEmpty)
        try say("second")
        #expect(try changes(stage, "b") == ["decisions"])
        try FileManager.default.removeItem(at: layout.decisions)
        #expect(try changes(stage, "b") == ["decisions"])
    }

    @Test func predictionsOfSeedsThatAreNoMoreAreOutdated() throws {
        try train("m/seed_1")
        try predict("a", 0, of: "m/seed_1")
        #expect(try changes("predict_m/seed_1", "a").isEmpty)
        try FileManager.default.removeItem(at: model("m/seed_1").url)
        #expect(try changes("predict_m/seed_1", "a") == ["training"])
        // A training that is not of this job at all can be anywhere.
        try record("predict_elsewhere", "a", inputs: ["features": try version("features_e", "a"), "fold_0": "x"])
        #expect(try changes("predict_elsewhere", "a").isEmpty)
    }

    @Test func aTrainingOfAnotherJobIsKnownByItsFolder() throws {
        try FileManager.default.createDirectory(at: scratch.file("copy"), withIntermediateDirectories: true)
        let copy = scratch.file("copy/m")
        try FileManager.default.moveItem(at: model().url, to: copy)
        #expect(try changes("predict_m", "a").isEmpty)
        try PredictionSources.add(model: copy, features: nil, to: TrainingName("m"), in: layout)
        #expect(try changes("predict_m", "a").isEmpty)
        try train(epochs: 6)
        #expect(try changes("predict_m", "a").isEmpty, "its own model stands, whatever this job has trained since")
        try FileManager.default.removeItem(at: copy)
        #expect(try changes("predict_m", "a") == ["fold_0"])
    }

    @Test func aDamagedCardDoesNotMakeAPredictionOlder() throws {
        let card = model().fold(0).file(.card)
        let text = try String(contentsOf: card, encoding: .utf8)
        for damaged in [text.replacing("0.25", with: "0.35"), String(text.dropLast(9)), ""] {
            try AtomicFile.write(damaged, to: card)
            #expect(try changes("predict_m", "a").isEmpty)
            let error = try #require(throws: Failure.self) { try TrainedStudy.read(model()) }
            #expect(error.code == .digest && error.message.hasPrefix("fold_0/checkpoint.json"), "\(error)")
        }
    }

    @Test func theSlidesOfACaseStandTogether() throws {
        let slides = [try SlideID("a"), try SlideID("b")]
        try train(tests: [["a", "b"], []], cases: ["p": slides])
        let bag = try CanonicalJSON.fingerprint(slides.map { try version("features_e", $0.text) })
        try predict("a", 0, features: bag)
        #expect(try changes("predict_m", "a").isEmpty)
        try features("b", tiled: try #require(try layout.record(of: SlideID("b"), stage: .tile)), precision: "bf16")
        #expect(try changes("predict_m", "a") == ["features"])
    }

    @Test func finerMapsFollowFromTheTrainingAndTheFeaturesOfTheirJob() throws {
        let finer = JobLayout(root: layout.root.appending(path: "finer/m-overlap0.5-top3"))
        let tiled = try record("tile", "a", in: finer)
        try record("features_e", "a", inputs: ["patches": tiled.version()], in: finer)
        var inputs = try #require(try layout.record(of: SlideID("a"), stage: StageName("predict_m"))).fingerprint.inputs
        inputs["finer"] = try version("features_e", "a", in: finer)
        try record("predict_m", "a", inputs: inputs, in: finer)
        let name = "finer/m-overlap0.5-top3/predict_m"
        #expect(try stale(name).isEmpty)
        try train(epochs: 6)
        #expect(try stale(name) == ["a"])
        try train()
        #expect(try stale(name).isEmpty)
        try record("tile", "a", parameters: ["mpp": "1"], in: finer)
        #expect(try stale("finer/m-overlap0.5-top3/features_e") == ["a"])
    }

    @Test func anotherToolsFeaturesAreDigestedOnlyWhereTheyWereTouched() throws {
        let file = try scratch.add("other/a.h5", "features")
        try train(features: "other")
        try FeaturePaths.record(scratch.file("other"), of: "m", in: layout)
        try predict("a", 0, features: Digest.quick(fileAt: file))
        #expect(try changes("predict_m", "a").isEmpty)
        try scratch.add("other/a.h5", "features, anew")
        #expect(try changes("predict_m", "a") == ["features"])
        #expect(try changes("predict_m", "a", .digest) == ["features"])
        try scratch.add("other/a.h5", "features")
        #expect(try changes("predict_m", "a").isEmpty)
    }

    @Test func metricsFollowFromTheirFolds() throws {
        let fold = try record("train_m", "fold_0")
        try record("evaluate_m", "metrics", inputs: ["fold_0": fold.version()])
        #expect(try stale("evaluate_m").isEmpty)
        try record("train_m", "fold_0", parameters: ["training": "other"])
        #expect(try changes("evaluate_m", "metrics") == ["fold_0"])
    }

    @Test func aFoldFollowsFromTheFeaturesOfItsSlides() throws {
        let used = try CanonicalJSON.fingerprint(["a", "b"].map { try version("features_e", $0) })
        for fold in 0...1 { try record("train_m", "fold_\(fold)", inputs: ["features": used]) }
        #expect(try stale("train_m").isEmpty)
        try features("b", tiled: try #require(try layout.record(of: SlideID("b"), stage: .tile)), precision: "bf16")
        #expect(try stale("train_m") == ["fold_0", "fold_1"])
    }

    @Test(arguments: ["seed_3", "fold_1", "heatmaps", "training"])
    func aTrainingMayBeCalledAsPartsOfPathsAre(name: String) throws {
        try train(name)
        try predict("a", 0, of: name)
        #expect(try changes("predict_\(name)", "a").isEmpty)
        #expect(try TrainedStudy.read(TrainingFolder(at: model(name).url)).splits.count == 2)
        try AtomicFile.write("{", to: model(name).file(.study))
        let error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: model(name).url)) }
        let train = "run wsi train with the config of \(name) and --out \(layout.root.path)"
        #expect(error.message.contains(train), "\(error)")
    }
}
