import Foundation
import Records
import Testing

@Suite struct StageNameTests {
    /// Names that look like what paths are made of.
    static let names = ["m", "seed_3", "fold_1", "heatmaps", "a_b.c", "training", "predict_x"]

    @Test(arguments: names) func aStageIsReadBackWithWhatItIsOf(name: String) {
        let model = TrainingName(name)
        let stages: [(StageName, StageName.Kind, String)] = [
            (.features(name), .features, name), (.train(name), .train, name), (.predict(model), .predict, name),
            (.predict(TrainingName(name, seed: 4)), .predict, "\(name)/seed_4"), (.evaluate(model), .evaluate, name),
            (.summarise(name), .summarise, name), (.heatmap(nil, pictures: name), .heatmap, name),
            (.ensemble(model), .ensemble, name),
        ]
        for (stage, kind, subject) in stages {
            let read = StageName(stage.text)
            #expect((read, read.kind, read.subject, read.output) == (stage, kind, subject, nil))
        }
        let report = StageName.heatmap("report", pictures: name)
        #expect((report.kind, report.output, report.subject) == (.heatmap, "report", name))
        #expect(StageName.predict(TrainingName(name, seed: 4)).training == TrainingName(name, seed: 4))
    }

    @Test func namesStandInJobsAsTheyAlwaysDid() throws {
        #expect(StageName.tile.text == "tile" && StageName.tile.kind == .tile && StageName.tile.subject.isEmpty)
        #expect(StageName.features("he-texture-v1").text == "features_he-texture-v1")
        #expect(StageName.heatmap("panel", pictures: "m").text == "heatmap.panel_m")
        #expect(StageName.evaluate(TrainingName("m", seed: 2)).text == "evaluate_m/seed_2")
        #expect(StageName("paint").kind == nil && StageName("tiles").kind == nil)
        #expect(try JSONEncoder().encode([StageName.train("m")]) == Data(#"["train_m"]"#.utf8))
        #expect(try JSONDecoder().decode([StageName].self, from: Data(#"["train_m"]"#.utf8)) == [.train("m")])
    }
}

@Suite struct TrainingNameTests {
    @Test(arguments: StageNameTests.names) func aNameIsReadBack(name: String) {
        for training in [TrainingName(name), TrainingName(name, seed: 0), TrainingName(name, seed: .max)] {
            #expect(TrainingName(text: training.text) == training)
        }
    }

    @Test func aFolderTypedByItsPathIsItsName() {
        for text in ["acmil/", "./acmil", "./acmil/"] { #expect(TrainingName(text: text) == TrainingName("acmil")) }
        #expect(TrainingName(text: "acmil/seed_3/") == TrainingName("acmil", seed: 3))
    }

    @Test func aNameThatLooksLikeASeedsIsNone() {
        #expect(TrainingName(text: "seed_3") == TrainingName("seed_3"))
        #expect(TrainingName(text: "seed_3/seed_4") == TrainingName("seed_3", seed: 4))
        for text in ["m/seed_", "m/seed_03", "m/seed_x", "m/fold_1", "m/seed_1/fold_0"] {
            #expect(TrainingName(text: text).seed == nil && TrainingName(text: text).text == text)
        }
    }

    @Test func seedsStandInTheirOrder() {
        let names = ["m/seed_10", "m/seed_9", "m", "a/seed_11"].map { TrainingName(text: $0) }
        #expect(names.sorted().map(\.text) == ["a/seed_11", "m", "m/seed_9", "m/seed_10"])
        #expect(SeedFolder.seeds(among: ["seed_10", "seed_9", "splits", "fold_0", "seed_"]) == [9, 10])
    }
}

@Suite struct UnitIDTests {
    @Test(arguments: [nil, 0, 12, UInt64.max] as [UInt64?]) func aFoldIsReadBack(seed: UInt64?) throws {
        for fold in [0, 7, 120] {
            let unit = UnitID.fold(fold, seed: seed)
            let read = try #require(try UnitID(unit.text).fold)
            #expect(read == (fold, seed))
            #expect(UnitID(fileName: unit.fileName) == unit)
        }
    }

    @Test func onlyFoldsAreFolds() throws {
        #expect(UnitID.fold(2, seed: 5).text == "seed_5_fold_2")
        for text in ["fold_", "fold_01", "fold_-1", "seed_1", "seed_x_fold_1", "a_fold_1", "metrics"] {
            #expect(try UnitID(text).fold == nil, "\(text)")
        }
    }

    @Test func aSlideMayBeCalledAsAFoldIs() throws {
        let slide = try SlideID("fold_1")
        #expect(UnitID(slide).slide == slide && UnitID(slide).fileName == "fold_1.json")
    }

    @Test func anUnsafeNameIsNoUnit() throws {
        #expect(throws: Failure.self) { try UnitID("../x") }
        #expect(UnitID(fileName: "../x.json") == nil && UnitID(fileName: "a.txt") == nil)
        #expect(throws: Failure.self) { try JSONDecoder().decode([UnitID].self, from: Data(#"["a/b"]"#.utf8)) }
    }
}
