import Config
import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Slides of several scenes: all of them, or one alone.
struct SceneTests {
    private let scratch: Scratch
    private static let size = PixelSize(width: 1600, height: 1024)
    private static let scenes = [
        PixelRect(x: 100, y: 120, width: 512, height: 384), PixelRect(x: 820, y: 480, width: 640, height: 480),
    ]
    private static let blobs = [
        PixelRect(x: 196, y: 184, width: 256, height: 256), PixelRect(x: 948, y: 608, width: 384, height: 256),
    ]
    private static let glass = WrittenGlass(size, blobs: blobs)

    init() throws { scratch = try Scratch() }

    private func leica(_ made: WrittenLeica = WrittenLeica(planes: [glass], scenes: scenes)) throws -> String {
        let url = scratch.file("made.scn")
        try made.data().write(to: url)
        return url.path
    }

    private func failure(_ body: () throws -> some Any) -> SlideError? {
        do { _ = try body() } catch { return error as? SlideError }
        return nil
    }

    @Test func bothScenesOfALeicaSlideLieOnOneGlass() throws {
        let slide = try Slide(path: leica())
        #expect(slide.vendor == "leica" && slide.facts.objectivePower == 10)
        #expect(slide.size == Self.size && slide.levels.map(\.downsample) == [1, 2, 4])
        #expect(slide.bounds == PixelRect(x: 100, y: 120, width: 1360, height: 840))
        #expect(slide.facts.scenes == Self.scenes)
        try expect(Self.glass, on: slide, levels: [0, 1, 2])
        try expectPixels(Self.glass, on: slide)
        try expectPatches(on: Self.blobs, of: slide)
        let nothing = try slide.readWithAlpha(level: 0, x: 700, y: 200, width: 8, height: 8)
        #expect(nothing.alpha.allSatisfy { $0 == 0 } && nothing.image[0, 0] == .white)
    }

    @Test(arguments: [1, 2]) func oneSceneIsAllThatIsLookedAt(_ scene: Int) throws {
        let slide = try Slide(path: leica(), rules: ReadingRules(scene: scene))
        #expect(slide.bounds == Self.scenes[scene - 1] && slide.facts.bounds == slide.bounds)
        #expect(slide.facts.scenes == Self.scenes)
        try expectPatches(on: [Self.blobs[scene - 1]], of: slide)
        // Pixels stay where they are in the slide.
        try expect(Self.glass, on: slide, levels: [0, 1, 2])
        var config = TilingConfig()
        (config.mpp, config.patchSize) = (1, 64)
        let tiling = try SlideTiling(of: slide, id: SlideID("made"), config: config)
        let whole = try SlideTiling(of: Slide(path: leica()), id: SlideID("made"), config: config)
        #expect(tiling.tissue.areaUM2 < whole.tissue.areaUM2 * 0.7)
        #expect(tiling.thumbnail != whole.thumbnail && tiling.contoursGeoJSON != whole.contoursGeoJSON)
        let overview = try Overview(of: slide, longest: 400)
        let other = Self.blobs[2 - scene]
        #expect(overview.image[(other.x + 128) / 4, (other.y + 128) / 4] == .white)
    }

    @Test func aSceneThatIsNotThereIsRefusedWithTheirNumber() throws {
        for scene in [0, 3, -1] {
            let error = failure { try Slide(path: leica(), rules: ReadingRules(scene: scene)) }
            #expect(error == .scene(scene, count: 2) && error?.code == .slideGeometry)
            #expect(error?.message.hasPrefix("scene \(scene) is wanted of a slide with 2; ") == true)
        }
        try TestTIFF(width: 200, height: 130).use { path in
            let error = failure { try Slide(path: path, rules: ReadingRules(scene: 1)) }
            #expect(error == .scene(1, count: 0) && error?.message.contains("says of no scenes") == true)
        }
    }

    @Test func aSlideOfOneSceneSaysNothingOfScenesAndHasTheFirst() throws {
        let path = try leica(WrittenLeica(planes: [Self.glass], scenes: [Self.scenes[1]]))
        let slide = try Slide(path: path, rules: ReadingRules(scene: 1))
        #expect(slide.bounds == Self.scenes[1] && slide.facts.scenes == nil)
        let json = String(decoding: try JSONEncoder().encode(slide.facts), as: UTF8.self)
        #expect(!json.contains("scenes"))
        let error = failure { try Slide(path: path, rules: ReadingRules(scene: 2)) }
        #expect(error?.message.hasPrefix("scene 2 is wanted of a slide with one; ") == true)
    }

    @Test func aSceneOfFluorescenceIsNoPartOfTheSlide() throws {
        let slide = try Slide(path: leica(WrittenLeica(planes: [Self.glass], scenes: Self.scenes, fluorescent: [1])))
        #expect(slide.bounds == Self.scenes[0] && slide.facts.scenes == nil)
        try expectPatches(on: [Self.blobs[0]], of: slide)
        let error = failure {
            try Slide(path: leica(WrittenLeica(planes: [Self.glass], scenes: Self.scenes, fluorescent: [0, 1])))
        }
        #expect(error?.code == .slideOpen && error?.message.contains("Can't find main image") == true)
    }

    @Test func onlyTheFirstFocalPlaneIsShown() throws {
        let other = WrittenGlass(Self.size, blobs: Self.scenes, stroma: RGB(90, 200, 90))
        let slide = try Slide(path: leica(WrittenLeica(planes: [Self.glass, other], scenes: Self.scenes)))
        #expect(slide.levels.count == 3)
        try expect(Self.glass, on: slide, levels: [0, 1, 2])
        try expectPatches(on: Self.blobs, of: slide)
    }
}
