import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Records
@testable import Storage

/// The table of quality columns beside files and documents.
@Suite struct QualityColumnTests {
    private func document(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    @Test func everyColumnIsDocumentedWordForWord() throws {
        let (files, tile) = (try document("files.md"), try document("tile.md"))
        for column in QualityColumn.all {
            let occurs = column.isOnDarkBackground ? "always" : "sometimes"
            let row = "\n| `\(column.name)` | float32 | [N] | \(column.unit) | \(occurs) | 1 | \(column.meaning) |\n"
            #expect(files.contains(row), "\(row)")
            #expect(tile.contains("\n| `\(column.name)` | "), "\(column.name)")
            if let key = column.excludedBy { #expect(tile.contains(key), "\(key)") }
        }
        let documented = files.split(separator: "\n").filter {
            $0.contains("| float32 | [N] |") && $0.hasPrefix("| `wsi_")
        }
        #expect(documented.count == QualityColumn.all.count)
    }

    @Test func everyFigureIsDocumentedAndOfAColumnThatCanHaveIt() throws {
        let files = try document("files.md")
        for figure in QualityColumn.figures {
            #expect(files.contains("\n| `\(figure.name.rawValue)` | tile | number | "), "\(figure.name.rawValue)")
        }
        for column in QualityColumn.all {
            for key in column.figures.compactMap(\.onlyWith) { #expect(key == column.excludedBy) }
        }
        #expect(QualityColumn.figures.filter(\.isOnPage).map(\.name.rawValue) == ["ink", "dark", "focus_median"])
    }

    @Test func namesAreUniqueAndTheFilesOwn() {
        let names = QualityColumn.all.map(\.name)
        #expect(Set(names).count == names.count && names.allSatisfy { $0.hasPrefix("wsi_") })
        let keys = QualityColumn.figures.map(\.name.rawValue)
        #expect(Set(keys).count == keys.count)
    }

    @Test func everyColumnIsWrittenAndComesBackAsItself() throws {
        let scratch = try Scratch()
        var quality = PatchQuality(tissue: [], ink: nil, dark: nil, focus: [])
        for (place, column) in QualityColumn.all.enumerated() { column.put([Float(place), 0.5], into: &quality) }
        #expect(quality.columns.map(\.name) == QualityColumn.all.map(\.name))
        #expect(quality.columns.map { $0.values[0] } == QualityColumn.all.indices.map { Float($0) })
        let url = scratch.file("a.h5")
        try PatchFile.write(try sampleGrid(count: 2), quality: quality, attributes: [:], to: url)
        #expect(try PatchFile.readQuality(url) == quality)
        #expect(try HDF5File.open(url).names() == (["coords"] + QualityColumn.all.map(\.name)).sorted())
    }

    @Test func aColumnThatIsAlwaysThereIsMissedAndAnotherIsNot() {
        for missing in QualityColumn.all {
            let quality = PatchQuality { $0 == missing.name ? nil : [1] }
            #expect((quality == nil) == missing.isRequired, "\(missing.name)")
            if let quality { #expect(missing.values(of: quality) == nil) }
        }
    }

    @Test func figuresAreWrittenInTheirUnits() throws {
        func words(_ key: String, _ value: Double) throws -> String {
            try #require(QualityColumn.figures.first { $0.name.rawValue == key }).words(value)
        }
        #expect(try words("tissue_um2", 2_540_000) == "2.5 mm²")
        #expect(try words("ink", 0.125) == "12.5 % of the tissue")
        #expect(try words("focus_median", 0.314) == "0.31")
    }
}
