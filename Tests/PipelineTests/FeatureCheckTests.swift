import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline
@testable import Storage

/// Folders of other tools' features with everything that can be wrong with them.
@Suite struct FeatureCheckTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let slides = ["a", "b", "c", "d", "e", "f"]
        let rows = slides.enumerated().map { "\($0.element),p\($0.offset),\($0.offset % 2 == 0 ? "x" : "y")\n" }
        try scratch.add("labels.csv", "slide_id,case_id,label\n" + rows.joined())
        try scratch.add(
            "study.json",
            #"{"cohort": {"labels": "labels.csv", "folds": 2, "positive": "y"}, "features": {"path": "h5"}, "model": {"kind": "abmil"}}"#
        )
    }

    private func make(_ slide: String, _ features: [Float], width: Int, encoder: String? = nil) throws {
        let url = scratch.file("h5/\(slide).h5")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try HDF5File.make(at: url) { file in
            let dataset = try file.create("features", .float32, shape: [features.count / width, width])
            try dataset.write(features)
            if let encoder { try dataset.object.set("encoder", .text(encoder)) }
        }
    }

    private func report() throws -> StudyCheck.Report {
        try StudyCheck(config: scratch.file("study.json"), layout: nil).run { _ in }
    }

    @Test func aCleanStudyHasNoProblemAndItsNumbersAreTold() throws {
        for slide in ["a", "b", "c", "d", "e", "f"] { try make(slide, [1, 2, 3, 4], width: 2) }
        let report = try report()
        #expect(report.problems.isEmpty && report.exitStatus == .ok)
        #expect((report.slides, report.cases) == (6, 6))
        #expect(report.classes.map(\.cases) == [3, 3])
        #expect(report.folds.count == 2)
        #expect(report.folds.allSatisfy { $0.train.cases + $0.validation.cases + $0.test.cases == 6 })
    }

    @Test func everythingThatIsWrongIsFoundInOnePass() throws {
        try relabel(["a", "b", "c", "d", "e", "f", "g", "h"])
        for slide in ["g", "h"] { try make(slide, [1, 2], width: 2, encoder: "uni") }
        try make("a", [1, 2], width: 2, encoder: "uni")
        try make("b", [1, 2, 3, .nan, .infinity, 6], width: 2, encoder: "uni")
        try make("c", [1, 2, 3], width: 3, encoder: "uni")
        try make("d", [1, 2], width: 2, encoder: "conch")
        try make("e", [], width: 2, encoder: "uni")
        let report = try report()
        let found = report.problems.map {
            "\(URL(filePath: $0.file).lastPathComponent) \($0.line ?? 0) \($0.code.rawValue)"
        }
        #expect(
            found == ["b.h5 0 E_NONFINITE", "c.h5 0 E_BAG", "d.h5 0 E_MISMATCH", "h5 0 E_USAGE"]
        )
        #expect(report.problems[0].message == "slide 'b': 2 of 3 patches hold NaN or infinity, the first is patch 1")
        #expect(report.problems[1].message.hasPrefix("slide 'c' has features 3 wide; most have 2"))
        #expect(
            report.problems[2].message
                == "slide 'd': the encoder of its features is conch, that of most slides uni; use features of one kind"
        )
        // Of class x that fold trains on e alone.
        #expect(report.problems[3].message.hasPrefix("fold 1: no training slide with class x has a patch"))
        #expect(
            report.notes == [
                "1 labelled slide(s) have no features in \(scratch.file("h5").path) and are left out: f",
                "1 slide(s) have no patch and are left out: e",
            ]
        )
        #expect((report.slides, report.missing) == (7, 1))
        #expect(report.exitStatus == .integrity)
    }

    @Test func aLabelledSlideWithoutFeaturesIsAnErrorWhereTheConfigSaysSoOrWhereNoneHasSome() throws {
        try relabel(["a", "b", "c", "d", "e", "f", "g", "h"])
        let made = ["a", "b", "c", "d", "e", "g", "h"]
        for slide in made { try make(slide, [1, 2], width: 2) }
        #expect(try report().problems.isEmpty)
        #expect(try Study(config: scratch.file("study.json")).cohort.slides.map(\.slide.text) == made)
        let config = try String(contentsOf: scratch.file("study.json"), encoding: .utf8)
        try scratch.add("study.json", config.replacing(#""folds": 2"#, with: #""folds": 2, "missing": "error""#))
        let wanted = try report()
        #expect(wanted.problems.map(\.code) == [.notFound] && wanted.problems.map(\.line) == [7])
        #expect(wanted.exitStatus == .usage)
        try scratch.add("study.json", config.replacing(#""h5""#, with: #""none""#))
        try scratch.add("none/other.h5", "of no slide of the cohort")
        let none = try report()
        #expect(none.problems.map(\.code) == [.notFound] && none.problems.map(\.count) == [8])
        #expect(none.exitStatus == .usage)
    }

    @Test func aStudyIsNotBegunWithFeaturesThatDoNotFit() throws {
        for slide in ["a", "b", "c", "d", "e"] { try make(slide, [1, 2, 3, 4], width: 2) }
        try make("f", [1, 2, 3], width: 3)
        let found = try #require(throws: StudyProblems.self) { try Study(config: scratch.file("study.json")) }
        #expect(found.problems.map(\.code) == [.bag])
        // What takes the reading of every number is left to the check.
        try make("f", [1, .nan], width: 2)
        let study = try Study(config: scratch.file("study.json"))
        #expect(study.features?.name == "h5")
    }

    @Test func aBrokenFileAndTwoFilesOfOneSlideAreProblems() throws {
        for slide in ["a", "b", "c", "d", "e"] { try make(slide, [1, 2], width: 2) }
        try scratch.add("h5/f.h5", "no HDF5")
        try scratch.add("h5/more/a.pt", "another of a")
        let report = try report()
        #expect(report.problems.map(\.code) == [.table, .file])
        #expect(report.problems.first?.message.contains("slide 'a'") == true)
    }

    @Test func aClassOfWhichNoSlideHasAPatchIsAProblemAndSoAreNoPatchesAtAll() throws {
        for slide in ["a", "c", "e"] { try make(slide, [1, 2], width: 2) }
        for slide in ["b", "d", "f"] { try make(slide, [], width: 2) }
        let report = try report()
        #expect(report.notes == ["3 slide(s) have no patch and are left out: b, d, f"])
        #expect(report.problems.map(\.code) == [.usage] && report.exitStatus == .usage)
        #expect(
            report.problems.map(\.message) == [
                "fold 0, and in 1 fold(s) more: no training slide with class y has a patch; use fewer folds, or leave it out"
            ]
        )
        #expect(throws: StudyProblems.self) { try Study(config: scratch.file("study.json")) }
        for slide in ["a", "c", "e"] { try make(slide, [], width: 2) }
        #expect(try self.report().problems.map(\.message) == ["no slide has a patch"])
        for slide in ["a", "b", "c", "d", "e"] { try make(slide, [1, 2], width: 2) }
        #expect(try self.report().problems.isEmpty)
    }

    private func relabel(_ names: [String]) throws {
        let rows = names.enumerated().map { "\($0.element),p\($0.offset),\($0.offset % 2 == 0 ? "x" : "y")\n" }
        try scratch.add("labels.csv", "slide_id,case_id,label\n" + rows.joined())
    }

    @Test func labelsWithTheEndingOfTheSlidesFileAreMatchedAndItIsSaid() throws {
        for slide in ["a", "b", "c", "d", "e", "f"] { try make(slide, [1, 2], width: 2) }
        try relabel(["a.svs", "b.svs", "c.svs", "d.svs", "e.svs", "f.svs"])
        let report = try report()
        #expect(report.problems.isEmpty)
        #expect(report.notes == ["6 slide(s) of labels.csv are matched without .svs"])
        let study = try Study(config: scratch.file("study.json"))
        #expect(study.cohort.slides.map(\.slide.text) == ["a", "b", "c", "d", "e", "f"])
        #expect(study.splits.flatMap(\.test).map(\.text).sorted() == ["a", "b", "c", "d", "e", "f"])
    }

    @Test func oneSlideUnderTwoNamesIsAProblemWithBothLines() throws {
        for slide in ["a", "b", "c", "d", "e", "f"] { try make(slide, [1, 2], width: 2) }
        try relabel(["a", "b", "c", "d", "e", "f", "a.svs"])
        let report = try report()
        #expect(report.problems.map(\.message) == ["slide 'a.svs' is 'a', which is already on line 2"])
        #expect(report.problems.map(\.line) == [8])
    }

    @Test func slidesWithoutFeaturesAreOneProblemThatSaysWhatWouldHelp() throws {
        for slide in ["01", "02", "03", "04", "05", "06"] { try make(slide, [1, 2], width: 2) }
        try relabel(["1", "2", "3", "4", "5", "6"])
        let report = try report()
        #expect(
            report.problems.map(\.message) == [
                "6 slides have no features in \(scratch.file("h5").path): '1' (line 2), '2' (line 3), '3' (line 4), …; "
                    + "all 6 would match with leading zeros"
            ]
        )
        #expect(report.problems.map(\.line) == [2] && report.problems.map(\.count) == [6])
        #expect(report.exitStatus == .usage)
    }

    @Test func filesThatNobodyAskedForAreCounted() throws {
        for slide in ["a", "b", "c", "d", "e", "f", "zz"] { try make(slide, [1, 2], width: 2) }
        for name in ["log.txt", "a.npy", "b.npy", "x|y.h5"] { try scratch.add("h5/\(name)") }
        let report = try report()
        #expect(report.problems.isEmpty)
        #expect(
            report.notes == [
                "\(scratch.file("h5").path): not considered: 2 .npy, 1 .txt",
                "1 feature file(s) have names that no slide can have: 'x|y'",
                "1 feature file(s) are of no labelled slide and are left out: zz",
            ]
        )
    }

    @Test func aPipeAmongTheFeaturesIsAProblemAndNoWait() throws {
        for slide in ["a", "b", "c", "d", "e"] { try make(slide, [1, 2], width: 2) }
        #expect(mkfifo(scratch.file("h5/f.h5").path, 0o600) == 0)
        let found = try report().problems
        #expect(found.map(\.code) == [.notFound])
        #expect(found.first?.message.hasPrefix("a named pipe, no regular file") == true)
    }

    @Test func aFolderThatIsNotThereIsOneProblem() throws {
        #expect(try report().problems.map(\.code) == [.notFound])
    }

    @Test func aTridentFolderNamesItsEncoder() throws {
        let config = try String(contentsOf: scratch.file("study.json"), encoding: .utf8)
        try scratch.add("study.json", config.replacing("\"h5\"", with: "\"features_uni_v1\""))
        for slide in ["a", "b", "c", "d", "e", "f"] { try make(slide, [1, 2], width: 2) }
        try FileManager.default.moveItem(at: scratch.file("h5"), to: scratch.file("features_uni_v1"))
        #expect(try Study(config: scratch.file("study.json")).features?.identity.name == "uni_v1")
    }
}
