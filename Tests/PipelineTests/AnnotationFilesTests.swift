import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Imaging
@testable import Pipeline

@Suite struct AnnotationFilesTests {
    private let polygon = #"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]]]}"#
    private let point = #"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}"#

    private func slides(_ names: String...) throws -> [SlideID] { try names.map { try SlideID($0) } }

    @Test func theFirstOfSeveralFilesIsTakenAndSaid() throws {
        let scratch = try Scratch()
        for name in ["a.json", "a.GeoJSON", "a.ndpi.ndpa", "b.xml", "c.txt", "d.ndpi.ndpa"] {
            try scratch.add("x/\(name)", polygon)
        }
        let files = try AnnotationFolder(scratch.file("x"), for: slides("a", "b", "c", "d"))
        #expect(
            files.files.mapValues(\.lastPathComponent) == [
                try SlideID("a"): "a.GeoJSON", try SlideID("b"): "b.xml", try SlideID("d"): "d.ndpi.ndpa",
            ]
        )
        #expect(
            files.notes == [
                "\(scratch.file("x").path): not considered: 1 .txt",
                "1 slide(s) have several files of annotations, of which one is read: a.GeoJSON, not a.json, a.ndpi.ndpa",
            ]
        )
    }

    @Test func whatIsSkippedIsOneLineForAllSlides() throws {
        let scratch = try Scratch()
        try scratch.add("x/a.geojson", "[\(polygon),\(point),\(point)]")
        try scratch.add("x/b.geojson", "[\(polygon),{\"type\":\"LineString\",\"coordinates\":[]},\(point)]")
        try scratch.add("x/c.geojson", polygon)
        var files = AnnotationFiles(try AnnotationFolder(scratch.file("x"), for: slides("a", "b", "c")).files)
        var counts: [Int] = []
        try files.read { _, _, regions in counts.append(regions.regions.count) }
        #expect(counts == [1, 1, 1])
        #expect(
            files.notes == [
                "4 feature(s) in 2 file(s) of annotations are not used (3 points, 1 line): a.geojson, b.geojson"
            ]
        )
    }

    @Test func aFileOfPointsAloneLeavesNothing() throws {
        let scratch = try Scratch()
        let file = try scratch.add("a.geojson", point)
        let entries = [SlideEntry(id: try SlideID("a"), path: "/slides/a.svs")]
        do {
            _ = try TileRegions(file.path, for: entries, mode: .restrict)
            Issue.record("taken")
        } catch {
            #expect(Failure(error).code == .table)
            #expect(
                Failure(error).message
                    == "the file has no region to take patches from (not used: 1 point); draw closed polygons"
            )
        }
    }
}
