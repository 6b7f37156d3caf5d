import Foundation
import Imaging
import Records
import Testing

@testable import Slides

/// The tables of what reads slides, beside the document and what folders are searched for.
@Suite struct SlideReadingTests {
    private func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/slides.md"), encoding: .utf8)
    }

    @Test func everyReaderAndEachOfItsFormatsIsDocumented() throws {
        let document = try document()
        for reading in SlideReading.all {
            #expect(!reading.formats.isEmpty && !reading.version().isEmpty)
            for format in reading.formats {
                let files =
                    switch format.files {
                    case .one: "one file"
                    case .withFolder: "the file, and the folder of its name"
                    case .named: "the file, and those that it names"
                    case .series: "those files of the folder that say so"
                    }
                let row =
                    "\n| \(format.name) | \(format.endings.joined(separator: ", ")) | \(reading.name) | \(files) |\n"
                #expect(document.contains(row), "\(row)")
            }
        }
        for reading in SlideReading.all {
            let rows = document.split(separator: "\n").filter {
                $0.hasPrefix("| ") && $0.contains(" | \(reading.name) | ")
            }
            #expect(rows.count == reading.formats.count)
        }
    }

    @Test func everyTileReadingIsDocumentedWithItsFormats() throws {
        let document = try document()
        for reading in TileReading.all {
            let vendors = reading.vendors.sorted().map { "`\($0)`" }.joined(separator: ", ")
            #expect(document.contains("\n| \(reading.name) | \(vendors) |\n"), "\(reading.name)")
        }
        #expect(Set(TileReading.all.map(\.name)).count == TileReading.all.count)
    }

    @Test func foldersAreSearchedForTheEndingsOfEveryFormat() {
        let endings = SlideFormat.all.flatMap(\.endings)
        #expect(Set(endings).count == endings.count && endings.allSatisfy { $0 == $0.lowercased() })
        #expect(
            SlideExtensions.readableText == "bif, dcm, mrxs, ndpi, qptiff, scn, svs, svslide, tif, tiff, vms, vmu"
        )
        #expect(SlideExtensions.withOwnFolder == ["mrxs"])
        #expect(SlideFormat.of(ending: "MRXS") == .mirax && SlideFormat.of(ending: "czi") == nil)
        #expect(SlideExtensions.removed(from: "a.SVS") == "a" && SlideExtensions.removed(from: "a.b") == nil)
    }

    @Test func aFileThatNoReaderKnowsIsRefusedInTheirNames() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "wsi-reading-\(UUID().uuidString).svs")
        try Data("not a slide".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let fault = try #require(throws: SlideFault.self) {
            _ = try SlideReading.open(SlideFiles(url.path), ReadingRules())
        }
        let names =
            "wsi's DICOM reader \(Release.version) or OpenSlide \(SlideLibraries.openSlide) or libtiff \(SlideLibraries.tiff)"
        #expect(fault.text == "no format that \(names) knows")
    }

    @Test func tilesAreNumberedRowByRowBeyondTheEdge() {
        let grid = TileGrid(
            size: PixelSize(width: 700, height: 300),
            tileSize: PixelSize(width: 256, height: 256)
        )
        #expect(grid.columns == 3 && grid.count == 6 && grid.tileBytes == 196_608)
        #expect(grid.rect(of: 5) == PixelRect(x: 512, y: 256, width: 256, height: 256))
        var touched: [Int] = []
        grid.forEach(touchedBy: PixelRect(x: 255, y: 200, width: 2, height: 100)) { touched.append($0) }
        #expect(touched == [0, 1, 3, 4])
    }

    @Test func whatOpenSlideSaysIsTakenByItsNames() {
        var properties = [
            "openslide.vendor": "aperio", "openslide.mpp-x": "0.5", "openslide.mpp-y": "0.25",
            "openslide.bounds-x": "1", "openslide.bounds-y": "2", "openslide.bounds-width": "3",
            "openslide.background-color": "0A0B0C", "aperio.ICC Profile": "any",
            "tiff.XResolution": "20000", "tiff.YResolution": "10000", "tiff.ResolutionUnit": "centimeter",
        ]
        func account(saysProfiles: Bool = false) -> SlideAccount {
            SlideAccount(levelCount: 0, levels: [], openSlide: properties, saysProfiles: saysProfiles)
        }
        #expect(account().mppX == 0.5 && account().mppY == 0.25)
        #expect(account().hasICCProfile && !account(saysProfiles: true).hasICCProfile)
        #expect(account().bounds == nil, "three sides are no rectangle")
        #expect(account().resolution?.mppX == 0.5 && account().resolution?.mppY == 1)
        #expect(account().background.green == 11)
        properties["openslide.bounds-height"] = "4"
        #expect(account().bounds == PixelRect(x: 1, y: 2, width: 3, height: 4))
        // A generic TIFF's is made of its resolution.
        properties["openslide.vendor"] = "generic-tiff"
        #expect(account().mppX == nil && account().mppY == nil)
    }
}
