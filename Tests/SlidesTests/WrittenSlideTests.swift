import Config
import Files
import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Formats whose files cannot be had, written here as their makers and OpenSlide describe them, from opening to patches.
struct WrittenSlideTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func path(_ data: Data, _ name: String) throws -> String {
        let url = scratch.file(name)
        try data.write(to: url)
        return url.path
    }

    @Test func ventanasOverlappingPicturesArePutTogether() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 704),
            blobs: [
                PixelRect(x: 96, y: 64, width: 256, height: 320), PixelRect(x: 704, y: 320, width: 224, height: 256),
            ]
        )
        let made = WrittenVentana(
            glass: glass,
            areas: [
                WrittenVentana.Area(x: 0, y: 0, columns: 4, rows: 4),
                WrittenVentana.Area(x: 600, y: 232, columns: 3, rows: 4),
            ]
        )
        let slide = try Slide(path: try path(made.data(), "made.bif"))
        #expect(slide.vendor == "ventana" && slide.facts.objectivePower == 10)
        #expect(slide.size == PixelSize(width: 952, height: 708) && slide.levels.map(\.downsample) == [1, 2, 4])
        try expect(glass, on: slide, levels: [0, 1, 2])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
        // Between the areas the scanner saw nothing.
        let nothing = try slide.readWithAlpha(level: 0, x: 700, y: 60, width: 8, height: 8)
        #expect(nothing.alpha.allSatisfy { $0 == 0 } && nothing.image[0, 0] == .white)
        // OpenSlide says of the second where it would lie if the first had no gap to it.
        #expect(slide.facts.scenes == nil)
        let error = #expect(throws: SlideError.self) { try Slide(path: slide.path, rules: ReadingRules(scene: 2)) }
        #expect(error == .unplacedScenes(count: 2) && error?.code == .slideGeometry)
    }

    @Test func tilesOfAVentanaTIFFLieEdgeToEdge() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 768),
            blobs: [PixelRect(x: 128, y: 192, width: 320, height: 256)]
        )
        let slide = try Slide(path: try path(WrittenVentana(glass: glass, areas: []).data(), "made.tif"))
        #expect(slide.vendor == "ventana" && slide.size == glass.size && slide.levels.map(\.downsample) == [1, 2, 4])
        try expect(glass, on: slide, levels: [0, 1, 2])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
    }

    /// Beyond 4 GB offsets have upper halves.
    @Test(arguments: [0, 5 << 30])
    func hamamatsusStripsAreReadByTheirRestartMarkers(gap: Int) throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 768),
            blobs: [
                PixelRect(x: 128, y: 192, width: 320, height: 256), PixelRect(x: 640, y: 384, width: 256, height: 256),
            ]
        )
        let url = scratch.file("made.ndpi")
        try WrittenNDPI(glass: glass, gap: gap).write(to: url)
        let walk = try #require(try TIFFWalk(OpenFile(url)))
        #expect(walk.directories.map(\.width) == [1024, 512, 256, 128] && !walk.isCut)
        let offsets = try walk.directories.map { try walk[#require($0.stripOffsets), 0] ?? 0 }
        #expect(offsets.allSatisfy { $0 > gap } && offsets == offsets.sorted())
        let slide = try Slide(path: url.path)
        #expect(slide.vendor == "hamamatsu" && slide.facts.objectivePower == 10)
        #expect(slide.size == glass.size && Array(slide.levels.map(\.downsample).prefix(3)) == [1, 2, 4])
        #expect(slide.bounds == PixelRect(x: 0, y: 0, width: 1024, height: 768))
        try expect(glass, on: slide, levels: [0, 1, 2])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
    }

    @Test func filesOfAHamamatsuVMSAreOneSlide() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 768),
            blobs: [PixelRect(x: 384, y: 256, width: 256, height: 320)]
        )
        let slide = try Slide(path: try WrittenVMS(glass: glass).write(to: scratch.folder, name: "made").path)
        #expect(slide.vendor == "hamamatsu" && slide.size == glass.size && slide.facts.objectivePower == 10)
        let map = try #require(slide.levels.firstIndex { $0.downsample == 4 })
        try expect(glass, on: slide, levels: [0, map])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
    }

    @Test func filesOfAHamamatsuVMUAreOneSlide() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 736),
            blobs: [PixelRect(x: 384, y: 256, width: 256, height: 320)]
        )
        let slide = try Slide(path: try WrittenVMU(glass: glass).write(to: scratch.folder, name: "made").path)
        #expect(slide.vendor == "hamamatsu" && slide.size == glass.size && slide.facts.objectivePower == 10)
        #expect(slide.levels.map(\.downsample) == [1, 4])
        try expect(glass, on: slide, levels: [0, 1])
        try expectPixels(glass, on: slide, limit: 1)
        try expectPatches(on: glass.blobs, of: slide)
        // Nothing is lost but the lowest bits.
        let place = PixelRect(x: 380, y: 250, width: 200, height: 90)
        let read = try slide.read(level: 0, x: place.x, y: place.y, width: place.width, height: place.height)
        #expect(read == glass.picture(place))
    }

    @Test func tilesOfASakuraSlideAreOneJPEGForEachColour() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1000, height: 700),
            blobs: [
                PixelRect(x: 96, y: 64, width: 256, height: 320), PixelRect(x: 640, y: 384, width: 256, height: 256),
            ]
        )
        let other = WrittenGlass(glass.size, blobs: glass.blobs, stroma: RGB(90, 200, 90))
        let made = WrittenSakura(planes: [other, glass, other], missing: [PixelPoint(x: 768, y: 128)])
        let url = scratch.file("made.svslide")
        try made.write(to: url)
        let slide = try Slide(path: url.path)
        #expect(slide.vendor == "sakura" && slide.facts.objectivePower == 10 && slide.size == glass.size)
        #expect(slide.levels.map(\.downsample) == [1, 2, 4])
        try expect(glass, on: slide, levels: [0, 1, 2])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
        let missing = try slide.readWithAlpha(level: 0, x: 800, y: 160, width: 8, height: 8)
        #expect(missing.alpha.allSatisfy { $0 == 0 } && missing.image[0, 0] == .white)
        // It says who scanned what when.
        let facts = String(decoding: try JSONEncoder().encode(slide.facts), as: UTF8.self)
        #expect(!facts.contains("planted") && slide.facts.scenes == nil)
    }

    @Test(.enabled(if: SlideLibraries.openSlide.hasPrefix("4."), "OpenSlide 3 knows no CZI"))
    func tilesOfAZeissSlideLieInItsScenes() throws {
        let scenes = [
            PixelRect(x: 64, y: 32, width: 528, height: 400), PixelRect(x: 704, y: 320, width: 400, height: 400),
        ]
        let glass = WrittenGlass(
            PixelSize(width: 1200, height: 800),
            blobs: [
                PixelRect(x: 160, y: 96, width: 320, height: 256), PixelRect(x: 784, y: 400, width: 224, height: 256),
            ]
        )
        let path = try path(WrittenZeiss(glass: glass, scenes: scenes).data(), "made.czi")
        let slide = try Slide(path: path)
        #expect(slide.vendor == "zeiss" && slide.facts.objectivePower == 10)
        // It begins where the first tile does.
        let moved = glass.cut(PixelRect(x: 64, y: 32, width: 1040, height: 688))
        #expect(slide.size == moved.size && slide.levels.map(\.downsample) == [1, 2, 4])
        try expect(moved, on: slide, levels: [0, 1, 2])
        try expectPixels(moved, on: slide, limit: 1)
        try expectPatches(on: moved.blobs, of: slide)
        let places = [
            PixelRect(x: 0, y: 0, width: 528, height: 400), PixelRect(x: 640, y: 288, width: 400, height: 400),
        ]
        #expect(slide.facts.scenes == places)
        for scene in 1...2 {
            let alone = try Slide(path: path, rules: ReadingRules(scene: scene))
            #expect(alone.bounds == places[scene - 1])
            try expectPatches(on: [moved.blobs[scene - 1]], of: alone)
        }
        let nothing = try slide.readWithAlpha(level: 0, x: 560, y: 60, width: 8, height: 8)
        #expect(nothing.alpha.allSatisfy { $0 == 0 } && nothing.image[0, 0] == .white)
    }

    @Test func philipsPaddingIsNoPartOfTheSlide() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1280, height: 768),
            blobs: [
                PixelRect(x: 96, y: 64, width: 320, height: 256), PixelRect(x: 768, y: 448, width: 256, height: 256),
            ]
        )
        let slide = try Slide(path: try path(WrittenPhilips(glass: glass, missing: [4]).data(), "made.tiff"))
        #expect(slide.vendor == "philips" && slide.levels.map(\.downsample) == [1, 2, 4])
        #expect(
            slide.levels.map(\.size.width) == [1280, 640, 320] && slide.levels.map(\.size.height) == [768, 384, 192]
        )
        try expect(glass, on: slide, levels: [0, 1, 2])
        let missing = try slide.readWithAlpha(level: 0, x: 1100, y: 100, width: 8, height: 8)
        #expect(missing.alpha.allSatisfy { $0 == 0 } && missing.image[0, 0] == .white)
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
    }

    @Test func trestlesTilesOverlap() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1024, height: 576),
            blobs: [PixelRect(x: 192, y: 128, width: 384, height: 256)]
        )
        let slide = try Slide(path: try path(WrittenTrestle(glass: glass).data(), "made.tif"))
        #expect(slide.vendor == "trestle" && slide.size == glass.size && slide.levels.map(\.downsample) == [1, 2])
        #expect(slide.facts.objectivePower == 10)
        try expect(glass, on: slide, levels: [0, 1])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
    }

    @Test func miraxPhotosLieWhereTheirTableSays() throws {
        let glass = WrittenGlass(
            PixelSize(width: 1472, height: 992),
            blobs: [
                PixelRect(x: 608, y: 128, width: 256, height: 256), PixelRect(x: 832, y: 576, width: 448, height: 256),
            ]
        )
        let photos = [nil, (484, 4), (956, 0), nil, (480, 484), (960, 476)].map { place in
            place.map { PixelPoint(x: $0.0, y: $0.1) }
        }
        let made = WrittenMirax(glass: glass, photos: photos)
        let slide = try Slide(path: try made.write(to: scratch.folder, name: "made").path)
        #expect(slide.vendor == "mirax" && slide.facts.objectivePower == 10)
        #expect(slide.size == glass.size && slide.levels.map(\.downsample) == [1, 2, 4])
        // The last photo reaches 4 pixels beyond what the ini file says of the size.
        #expect(slide.bounds == PixelRect(x: 480, y: 0, width: 992, height: 992))
        try expect(glass, on: slide, levels: [0, 1, 2])
        try expectPixels(glass, on: slide)
        try expectPatches(on: glass.blobs, of: slide)
        // No photo was taken there.
        let nothing = try slide.readWithAlpha(level: 0, x: 100, y: 100, width: 8, height: 8)
        #expect(nothing.alpha.allSatisfy { $0 == 0 } && nothing.image[0, 0] == made.fill)
    }
}
