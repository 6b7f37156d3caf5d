import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

@Suite struct TileRegionsTests {
    private let square =
        #"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]]]}}"#
    private let excluded =
        #"{"type":"Feature","properties":{"exclude":true},"geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]}}"#

    private func entries(_ names: String...) throws -> [SlideEntry] {
        try names.map { SlideEntry(id: try SlideID($0), path: "/slides/\($0).svs") }
    }

    private func failure(
        _ path: String,
        for entries: [SlideEntry],
        _ mode: TilingConfig.RegionsMode = .restrict
    ) -> Failure? {
        do { _ = try TileRegions(path, for: entries, mode: mode) } catch { return Failure(error) }
        return nil
    }

    @Test func aFolderServesTheSlidesThatHaveAFileThere() throws {
        let scratch = try Scratch()
        try scratch.add("regions/a.geojson", square)
        try scratch.add("regions/c.json", excluded)
        let regions = try TileRegions(scratch.file("regions").path, for: entries("a", "b", "c"), mode: .restrict)
        #expect(Set(regions.files.keys.map(\.text)) == ["a", "c"])
        #expect(regions.notes == ["1 slide(s) have no regions and keep all their tissue: b"])
        #expect(try regions.digest(SlideID("a")) != regions.digest(SlideID("c")))
        #expect(try regions.digest(SlideID("b")) == nil)
    }

    @Test func subfoldersAndNamesWithTheEndingOfTheSlideServeToo() throws {
        let scratch = try Scratch()
        try scratch.add("regions/one/a.svs.geojson", square)
        try scratch.add("regions/two/b.XML", "<x/>")
        try scratch.add("regions/two/b.geojson", square)
        try scratch.add("regions/notes.txt")
        try scratch.add("regions/C.json", square)
        let path = scratch.file("regions").path
        let regions = try AnnotationFolder(scratch.file("regions"), for: entries("a", "b", "c").map(\.id))
        #expect(
            regions.files.mapValues(\.lastPathComponent) == [
                try SlideID("a"): "a.svs.geojson", try SlideID("b"): "b.geojson",
            ]
        )
        #expect(
            regions.notes == [
                "\(path): not considered: 1 .txt",
                "1 slide(s) have several files of annotations, of which one is read: b.geojson, not b.XML",
                "\(path): 1 file(s) are of no slide here: C; it would match ignoring case",
            ]
        )
    }

    @Test func twoFilesOfOneSlideInTwoFoldersAreAnError() throws {
        let scratch = try Scratch()
        for name in ["one/a.geojson", "two/a.geojson"] { try scratch.add("regions/\(name)", square) }
        let found = failure(scratch.file("regions").path, for: try entries("a"))
        #expect((found?.code, found?.subject) == (.usage, "a"))
    }

    @Test func aFolderWithoutAMatchSaysWhatWouldHelp() throws {
        let scratch = try Scratch()
        for name in ["1", "2"] { try scratch.add("regions/\(name).geojson", square) }
        let found = failure(scratch.file("regions").path, for: try entries("01", "02"))
        #expect(found?.code == .notFound)
        #expect(found?.message.hasSuffix("; all 2 would match with leading zeros") == true)
    }

    @Test func oneFileServesOneSlide() throws {
        let scratch = try Scratch()
        let path = try scratch.add("any.geojson", square).path
        #expect(try TileRegions(path, for: entries("a"), mode: .restrict).files.count == 1)
        #expect(failure(path, for: try entries("a", "b"))?.code == .usage)
    }

    @Test func badRegionsAreOneErrorBeforeAnyWork() throws {
        let scratch = try Scratch()
        #expect(failure(scratch.file("none").path, for: try entries("a"))?.code == .notFound)
        try scratch.add("empty/b.geojson", square)
        #expect(failure(scratch.file("empty").path, for: try entries("a"))?.code == .notFound)
        for text in ["no JSON", #"{"type":"FeatureCollection","features":[]}"#, #"{"type":"Polygon"}"#] {
            let found = failure(try scratch.add("bad.geojson", text).path, for: try entries("a"))
            #expect(found?.code == .table && found?.subject?.hasSuffix("bad.geojson") == true)
        }
        let cuts = try scratch.add("cuts.geojson", excluded).path
        #expect(failure(cuts, for: try entries("a")) == nil)
        #expect(failure(cuts, for: try entries("a"), .replace)?.code == .table)
    }
}

@Suite struct TileFindingsTests {
    private func outcomes(_ ratios: [Double?]) throws -> [Outcome] {
        try ratios.enumerated().map { index, ratio in
            var outcome = Outcome(
                unit: try UnitID("slide_\(index)"),
                stage: .tile,
                status: ratio == nil ? .failed : .ok,
                fingerprint: Fingerprint(stage: "tile", parameters: [:], inputs: [:])
            )
            outcome[.scaleRatio] = ratio
            return outcome
        }
    }

    private func notes(_ ratios: [Double?]) throws -> [String?] {
        TileFindings.comparingScales(try outcomes(ratios)).map { $0[.scaleNote] }
    }

    @Test func whatWasLeftOutOfAccountIsSaidOfEachSlide() throws {
        var outcomes = try outcomes(Array(repeating: 1, count: 12))
        for index in outcomes.indices { outcomes[index].notes = ["level 1 is ignored"] }
        let lines = TileFindings.notes(outcomes)
        #expect(lines.count == 11 && lines[0] == "\(outcomes[0].unit): level 1 is ignored")
        #expect(lines[10] == "2 more such notes; see outcomes/tile")
        outcomes[0].notes = ["level 1 is ignored", "1 of 2 regions lie off the slide"]
        #expect(TileFindings.notes(Array(outcomes.prefix(1))).count == 2)
    }

    @Test func slidesThatStandApartFromTheCohortAreNamed() throws {
        // 0.25, 0.2528 and 0.5 µm are scanners of one family; 0.2204 and 0.27 µm are not.
        let ratios = [0.5, 0.5056, 1.0, 0.499, 0.4408, 0.54, nil]
        #expect(
            try notes(ratios) == [
                nil, nil, nil, nil, "12 % finer than the cohort's nominal scale",
                "8 % coarser than the cohort's nominal scale", nil,
            ]
        )
        let lines = TileFindings.notes(TileFindings.comparingScales(try outcomes(ratios)))
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("2 slide(s) differ by more than 5 %") && lines[0].hasSuffix(": slide_4, slide_5"))
    }

    @Test func aCohortOfOneScannerHasNoWarningWhateverItsScale() throws {
        #expect(try notes([0.4408, 0.4408, 0.4420, 0.46]) == [nil, nil, nil, nil])
        #expect(try notes([0.45]) == [nil])
        #expect(try notes([nil]) == [nil])
    }

    @Test func onlyTheFirstThreeAreNamedAndAnOldNoteGoes() throws {
        let compared = TileFindings.comparingScales(try outcomes([1, 1, 1, 1, 1, 1.2, 1.2, 1.2, 1.2]))
        #expect(TileFindings.notes(compared)[0].hasSuffix("4 slide(s) differ") == false)
        #expect(TileFindings.notes(compared)[0].hasSuffix(": slide_5, slide_6, slide_7, …"))
        let again = TileFindings.comparingScales(Array(compared.suffix(4)))
        #expect(again.allSatisfy { $0[.scaleNote] == nil })
    }
}
