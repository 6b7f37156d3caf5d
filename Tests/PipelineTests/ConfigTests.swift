import Foundation
import Imaging
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

@Suite struct ConfigTests {
    private let cohort = #""cohort": {"slides": "slides", "labels": "labels.csv"}"#
    private let model = #""model": {"kind": "abmil"}"#

    private func read(_ members: String...) throws -> PipelineConfig {
        let scratch = try Scratch()
        return try PipelineConfig.read(scratch.add("config.json", "{\(members.joined(separator: ", "))}"))
    }

    private func refusal(_ members: String...) throws -> ConfigError {
        let scratch = try Scratch()
        let url = try scratch.add("config.json", "{\(members.joined(separator: ", "))}")
        return try #require(throws: ConfigError.self) { try PipelineConfig.read(url) }
    }

    @Test func cohortAndModelAreEnough() throws {
        let config = try read(cohort, model)
        #expect(config.name == "abmil")
        #expect((config.cohort.folds, config.cohort.valFraction) == (5, 0.15))
        #expect(config.cohort.classes == nil && config.cohort.testSlides == nil)
        #expect(config.tiling == TilingConfig())
        #expect((config.features.encoder, config.features.device) == ("he-texture-v1", .auto))
        #expect(config.heatmap == HeatmapConfig())
    }

    @Test func theResolvedConfigReadsBackAsItself() throws {
        let config = try read(
            cohort,
            model,
            #""name": "first try", "heatmap": {"range": [0, 4], "scale": "percentile"}"#
        )
        let scratch = try Scratch()
        try CanonicalJSON.write(config, to: scratch.file("resolved.json"))
        #expect(try PipelineConfig.read(scratch.file("resolved.json")) == config)
    }

    @Test(arguments: ColourMap.Name.allCases) func aConfigReachesEveryColourMap(name: ColourMap.Name) throws {
        let text = Data(#"{"colours": "\#(name.rawValue)"}"#.utf8)
        #expect(try JSONDecoder().decode(HeatmapConfig.self, from: text).colours == name)
    }

    @Test func sectionsThatMustBeThereAreNamed() throws {
        #expect(try refusal(model) == ConfigError("cohort", "this key is required"))
        #expect(try refusal(cohort) == ConfigError("model", "this key is required"))
        #expect(
            try refusal(model, #""cohort": {"slides": "s"}"#) == ConfigError("cohort.labels", "this key is required")
        )
    }

    @Test(arguments: [
        (#""tilling": {}"#, "tilling"), (#""tiling": {"patchsize": 256}"#, "tiling.patchsize"),
        (#""tiling": {"mask": {"mpp": 8}}"#, "tiling.mask.mpp"),
        (#""features": {"encoders": "uni"}"#, "features.encoders"),
        (#""features": {"device": "gpu"}"#, "features.device"), (#""heatmap": {"colors": "safe"}"#, "heatmap.colors"),
        (#""heatmap": {"colours": "viridis"}"#, "heatmap.colours"), (#""heatmap": {"side": 100}"#, "heatmap.side"),
        (#""heatmap": {"side": 20001}"#, "heatmap.side"), (#""heatmap": {"range": [1]}"#, "heatmap.range"),
        (#""heatmap": {"range": [1, 1]}"#, "heatmap.range"), (#""heatmap": {"range": [0, 1, 2]}"#, "heatmap.range"),
        (#""heatmap": {"opacity": 1.1}"#, "heatmap.opacity"), (#""heatmap": []"#, "heatmap"),
        (#""heatmap": {"outputs": []}"#, "heatmap.outputs"), (#""heatmap": {"top": 0}"#, "heatmap.top"),
        (#""heatmap": {"outputs": ["sheet", "sheet"]}"#, "heatmap.outputs[1]"),
        (#""heatmap": {"mpp": 0}"#, "heatmap.mpp"),
        (#""heatmap": {"score_range": [3, 3]}"#, "heatmap.score_range"),
        (#""heatmap": {"smoothing": -1}"#, "heatmap.smoothing"),
        (#""training": {"epochs": 0}"#, "training.epochs"),
        (#""evaluation": {"bootstrap": 5}"#, "evaluation.bootstrap"),
        (#""name": "../up""#, "name"), (#""name": """#, "name"),
        (#""features": {"path": ""}"#, "features.path"), (#""features": {"encoder": ""}"#, "features.encoder"),
    ])
    func aKeyOrValueThatIsNotKnownIsRefusedByItsPath(member: String, path: String) throws {
        #expect(try refusal(cohort, model, member).subject == path)
    }

    /// A scale of 0 µm has no magnification: the run must end here and not in the name of a folder.
    @Test(arguments: [
        (#"{"mpp": 0}"#, "tiling.mpp"), (#"{"patch_size": 8}"#, "tiling.patch_size"),
        (#"{"overlap": 256}"#, "tiling.overlap"), (#"{"min_tissue": 2}"#, "tiling.min_tissue"),
        (#"{"regions": ""}"#, "tiling.regions"), (#"{"mpp_csv": ""}"#, "tiling.mpp_csv"),
        (#"{"slide_mpp": 101}"#, "tiling.slide_mpp"), (#"{"mask": {"mask_mpp": 0}}"#, "tiling.mask.mask_mpp"),
    ])
    func aTilingOutOfRangeIsRefusedBeforeAnyWork(tiling: String, path: String) throws {
        #expect(try refusal(cohort, model, #""tiling": \#(tiling)"#).subject == path)
    }

    @Test(arguments: [
        (#""folds": 1"#, "cohort.folds"), (#""folds": 101"#, "cohort.folds"),
        (#""test_slides": "test_*""#, "cohort.folds"), (#""val_fraction": 0"#, "cohort.val_fraction"),
        (#""val_fraction": 0.9"#, "cohort.val_fraction"), (#""classes": ["a"]"#, "cohort.classes"),
        (#""classes": ["a", "a"]"#, "cohort.classes[1]"),
        (#""classes": ["a", "A "]"#, "cohort.classes"), (#""classes": ["a", "b"], "positive": "a""#, "cohort.positive"),
        (#""missing": "ignore""#, "cohort.missing"), (#""fold": 5"#, "cohort.fold"),
        (#""slides": 3"#, "cohort.slides"), (#""slides": """#, "cohort.slides"), (#""splits": """#, "cohort.splits"),
    ])
    func aCohortThatCannotBeSplitIsRefused(member: String, path: String) throws {
        let known = member.contains("\"slides\"") ? #""labels": "l""# : #""slides": "s", "labels": "l""#
        #expect(try refusal(model, #""cohort": {\#(known), \#(member)}"#).subject == path)
    }

    @Test(arguments: [
        (#""splits": "s*.csv", "folds": 5"#, "cohort.folds"), (#""monte_carlo": 3, "folds": 5"#, "cohort.folds"),
        (#""splits": "s*.csv", "site": "hospital""#, "cohort.site"), (#""monte_carlo": 0"#, "cohort.monte_carlo"),
        (#""monte_carlo": 3, "test_fraction": 1"#, "cohort.test_fraction"), (#""unit": "patient""#, "cohort.unit"),
        (#""columns": {"slides": "a"}"#, "cohort.columns.slides"), (#""label_map": {"a": 1}"#, "cohort.label_map.a"),
    ])
    func onlyOneKeySaysHowToSplit(member: String, path: String) throws {
        #expect(try refusal(model, #""cohort": {"slides": "s", "labels": "l", \#(member)}"#).subject == path)
    }

    @Test func slidesAreNotNeededWhereFeaturesAreThere() throws {
        let config = try read(model, #""cohort": {"labels": "l"}, "features": {"path": "h5_files"}"#)
        #expect((config.features.path, config.features.encoder) == ("h5_files", nil))
        #expect(try refusal(model, #""cohort": {"labels": "l"}"#).subject == "cohort.slides")
    }

    @Test func severalSeedsStandInsteadOfOne() throws {
        #expect(try read(cohort, model, #""training": {"seeds": [3, 1]}"#).training.seeds == [3, 1])
        for training in [#"{"seeds": [1, 2], "seed": 3}"#, #"{"seeds": [1]}"#, #"{"seeds": [1, 1]}"#] {
            #expect(
                try refusal(cohort, model, #""training": \#(training)"#).subject?.hasPrefix("training.seed") == true
            )
        }
    }

    @Test func aTestPatternGoesWithOneFold() throws {
        let config = try read(
            model,
            #""cohort": {"slides": "s", "labels": "l", "folds": 1, "test_slides": "test_*", "classes": ["n", "t"]}"#
        )
        #expect((config.cohort.folds, config.cohort.testSlides) == (1, "test_*"))
        #expect(config.cohort.classes == ["n", "t"])
    }

    @Test func aFileThatIsNoJSONIsAUsageErrorOfThatFile() throws {
        let scratch = try Scratch()
        let url = try scratch.add("config.json", "{ slides: }")
        let error = try #require(throws: ConfigError.self) { try PipelineConfig.read(url) }
        #expect(error.subject == url.path)
        #expect(error.message.hasPrefix("not valid JSON"))
        let missing = try #require(throws: StorageError.self) { try PipelineConfig.read(scratch.file("none.json")) }
        #expect(missing.code.exitStatus == .usage)
    }

    @Test func flagsOfAHeatmapAreCheckedLikeItsConfig() throws {
        var heatmap = HeatmapConfig()
        try heatmap.validate()
        heatmap.range = [2, 1]
        let error = try #require(throws: ConfigError.self) { try heatmap.validate() }
        #expect(error.subject == "heatmap.range")
        heatmap.range = [0, .infinity]
        #expect(throws: ConfigError.self) { try heatmap.validate() }
    }
}

@Suite struct TrainedStudyTests {
    private func study() throws -> TrainedStudy {
        func ids(_ names: String...) throws -> [SlideID] { try names.map { try SlideID($0) } }
        let config = #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}}"#
        return TrainedStudy(
            config: try JSONDecoder().decode(PipelineConfig.self, from: Data(config.utf8)),
            classes: ["n", "t"],
            encoder: EncoderIdentity(name: "e", digest: "d", width: 4, input: nil, licence: "none"),
            splits: [
                Split(fold: 0, train: try ids("c", "d"), validation: try ids("b"), test: try ids("a")),
                Split(fold: 2, train: try ids("a", "d"), validation: try ids("c"), test: try ids("b")),
            ],
            checkpoints: ["f0", "f2"]
        )
    }

    @Test func onlyFoldsThatHaveNotSeenASlideSpeakAboutIt() throws {
        let study = try study()
        #expect(study.folds(for: try SlideID("a")) == [0])
        #expect(study.folds(for: try SlideID("b")) == [2])
        #expect(study.folds(for: try SlideID("new")) == [0, 2])
    }

    @Test func aSlideThatOnlyServedForTrainingIsLeftOut() throws {
        let study = try study()
        #expect(study.folds(for: try SlideID("d")) == [])
        #expect(study.folds(for: try SlideID("c")) == [])
    }

    @Test func aFolderWithoutATrainingIsNamed() throws {
        let scratch = try Scratch()
        let error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: scratch.folder)) }
        #expect((error.code, error.subject) == (.notFound, scratch.folder.path))
    }

    @Test func aStudyIsReadBesideTheCheckpointsItWasWrittenFor() throws {
        let scratch = try Scratch()
        try CanonicalJSON.write(study(), to: scratch.file(TrainedStudy.file))
        try scratch.add("fold_0/checkpoint.json", #"{"fingerprint": "f0", "kind": "abmil"}"#)
        try scratch.add("fold_2/checkpoint.json", #"{"fingerprint": "f2"}"#)
        #expect(try TrainedStudy.read(TrainingFolder(at: scratch.folder)) == study())
    }

    /// Splits beside another training's models would let folds speak about slides that they have seen.
    @Test func aCheckpointOfAnotherTrainingIsRefused() throws {
        let scratch = try Scratch()
        try CanonicalJSON.write(study(), to: scratch.file(TrainedStudy.file))
        try scratch.add("fold_0/checkpoint.json", #"{"fingerprint": "f0"}"#)
        try scratch.add("fold_2/checkpoint.json", #"{"fingerprint": "f0"}"#)
        let error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: scratch.folder)) }
        #expect((error.code, error.subject) == (.fingerprint, "fold_2"))
        #expect(error.code.exitStatus.rawValue == 4)
        try FileManager.default.removeItem(at: scratch.file("fold_2"))
        #expect(throws: StorageError.self) { try TrainedStudy.read(TrainingFolder(at: scratch.folder)) }
    }

    private func write(_ study: TrainedStudy, to scratch: Scratch) throws -> URL {
        var study = study
        study.files = [:]
        for fold in [0, 2] {
            let card = try scratch.add(
                "m/fold_\(fold)/checkpoint.json",
                #"{"fingerprint": "f\#(fold)", "threshold": 0.5}"#
            )
            study.files?["fold_\(fold)/checkpoint.json"] = try Digest.quick(fileAt: card)
        }
        try AtomicFile.write(study.sealed(), to: scratch.file("m/\(TrainedStudy.file)"))
        return scratch.file("m")
    }

    @Test func aStudyThatIsNotWhatWasWrittenIsRefusedWhereverItsFolderLies() throws {
        let scratch = try Scratch()
        let model = try write(study(), to: scratch)
        #expect(try TrainedStudy.read(TrainingFolder(at: model)).classes == ["n", "t"])
        let file = model.appending(path: TrainedStudy.file)
        let text = try String(contentsOf: file, encoding: .utf8)
        for damaged in [text.replacing("\"t\"", with: "\"n\""), String(text.prefix(text.count / 2)), ""] {
            try AtomicFile.write(damaged, to: file)
            let error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: model)) }
            #expect((error.code, error.subject) == (.digest, model.path))
            #expect(error.message.contains("study.json") && error.message.contains("wsi train"), "\(error)")
        }
    }

    @Test func aCardThatIsNotWhatWasWrittenIsRefused() throws {
        let scratch = try Scratch()
        let model = try write(study(), to: scratch)
        let card = try scratch.add("m/fold_2/checkpoint.json", #"{"fingerprint": "f2", "threshold": 0.6}"#)
        var error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: model)) }
        #expect(error.code == .digest && error.message.hasPrefix("fold_2/checkpoint.json is not what was written;"))
        try FileManager.default.removeItem(at: card)
        error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: model)) }
        #expect(error.code == .digest && error.message.hasPrefix("fold_2/checkpoint.json is gone;"))
        // Trained anew is not damaged.
        try scratch.add("m/fold_2/checkpoint.json", #"{"fingerprint": "another", "threshold": 0.6}"#)
        error = try #require(throws: Failure.self) { try TrainedStudy.read(TrainingFolder(at: model)) }
        #expect(error.code == .fingerprint)
    }
}
