import Foundation
import Records
import Storage
import Testing

@testable import Review

@Suite struct SlideMapsTests {
    private let branches: [[Float]] = [[0.5, 0.25, 0.25, 0], [0.25, 0.25, 0.25, 0.25]]

    @Test func attentionIsShownTimesN() throws {
        let maps = try slideMaps(branches: branches)
        #expect(maps.main.name == "mean" && maps.main.quantity == .attention)
        #expect(maps.main.values == [1.5, 1, 1, 0.5])
        #expect(maps.rows.map(\.name) == ["branch_0", "branch_1"])
        #expect(maps.rows[0].values == [2, 1, 1, 0])
        let single = try slideMaps(branches: [[0.1, 0.9]])
        #expect(single.main.name == "attention" && single.rows.isEmpty && single.disagreement == nil)
    }

    /// Of 2 and 1 the deviation is 0.5, of 0 and 1 as well; the scale ends at half of 0...10.
    @Test func disagreementIsTheDeviationOfTheRows() throws {
        let map = try #require(try slideMaps(branches: branches).disagreement)
        #expect(map.values == [0.5, 0, 0, 0.5])
        #expect(map.range == 0...5)
        #expect(map.quantity.title == "Disagreement: standard deviation of N·attention")
    }

    @Test func scoresNameTheirUnitAndWhoseRangeItIs() {
        var map = PatchMap(name: "tumor", quantity: .score, values: [-3, 8], range: -3...8)
        map.isOwnRange = true
        var style = HeatmapStyle()
        #expect(style.legend(of: map).title == "Score in the model's own unit, no distribution, range of this slide")
        #expect(style.legend(of: map).scale == .absolute(-3...8))
        style.scale = .percentile
        #expect(style.legend(of: map).title == "Percentile of score in this slide")
    }

    @Test func theTableListsEveryPatchWithSharesAndRanks() throws {
        let corners = [PixelPoint(x: 0, y: 1), PixelPoint(x: 512, y: 1)]
        let text = HeatmapTable.text(try slideMaps(branches: [[0.25, 0.75], [0.75, 0.25]], corners: corners))
        #expect(
            text == """
                x,y,side,attention,attention_times_n,percentile,branch_0,branch_1
                0,1,512,0.5,1.0,50.0,0.25,0.75
                512,1,512,0.5,1.0,50.0,0.75,0.25

                """
        )
    }

    @Test func aTableOfScoresDoesNotCallThemAttention() throws {
        let map = PatchMap(name: "tumor", quantity: .score, values: [-1.5, 4], range: -2...5)
        let corners = [PixelPoint(x: 0, y: 0), PixelPoint(x: 9, y: 0)]
        let text = HeatmapTable.text(try SlideMaps(corners: corners, side: 9, main: map, rows: []))
        #expect(text == "x,y,side,score,percentile\n0,0,9,-1.5,0.0\n9,0,9,4.0,100.0\n")
    }

    @Test func mapsNeedAValueForEveryPatch() throws {
        let map = PatchMap(name: "a", quantity: .attention, values: [1], range: 0...10)
        #expect(throws: ReviewError.self) { try SlideMaps(corners: [], side: 1, main: map, rows: []) }
    }

    @Test func equalValuesKeepTheirRowOrder() {
        let map = PatchMap(name: "a", quantity: .attention, values: [1, 3, 3, 0], range: 0...10)
        #expect(map.descending == [1, 2, 0, 3])
    }

    @Test func theArraysReadBack() throws {
        try withFolder { folder in
            let maps = try slideMaps(branches: branches)
            let files = try ["a.h5", "b.h5"].map { name in
                let url = folder.appending(path: name)
                try MapFile.write(
                    corners: maps.corners,
                    side: maps.side,
                    maps: maps.all.map { ($0.name, $0.quantity.word, $0.values) },
                    percentile: maps.main.percentiles.map { $0 * 100 },
                    attributes: ["wsi_slide": "S1"],
                    to: url
                )
                return try Data(contentsOf: url)
            }
            #expect(files[0] == files[1])
            #expect(throws: StorageError.self) {
                try MapFile.write(
                    corners: maps.corners,
                    side: 512,
                    maps: [("a", "b", [1])],
                    percentile: [],
                    attributes: [:],
                    to: folder.appending(path: "c.h5")
                )
            }
        }
    }
}
