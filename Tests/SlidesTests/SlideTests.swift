import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Files
@testable import Slides

struct SlideTests {
    private func code(_ body: () throws -> some Any) -> ErrorCode? {
        do { _ = try body() } catch { return (error as? any ReportableError)?.code }
        return nil
    }

    @Test func aGenericTIFFOpensWithItsLevelsAndPixels() throws {
        var tiff = TestTIFF(width: 200, height: 130)
        tiff.levels.append(.init(width: 100, height: 65) { x, y in [UInt8(x), UInt8(y), 7] })
        try tiff.use { path in
            let slide = try Slide(path: path)
            #expect(slide.vendor == "generic-tiff")
            #expect(slide.size == PixelSize(width: 200, height: 130))
            #expect(slide.levels.map(\.downsample) == [1, 2])
            #expect(slide.bounds == PixelRect(x: 0, y: 0, width: 200, height: 130))
            let image = try slide.read(level: 0, x: 60, y: 100, width: 140, height: 30)
            #expect(image[0, 0] == RGB(60, 100, 90))
            #expect(image[139, 29] == RGB(199, 129, 90))
            #expect(try slide.read(level: 1, x: 20, y: 40, width: 1, height: 1)[0, 0] == RGB(10, 20, 7))
        }
    }

    @Test func readsOutsideTheImageAreErrorsAndNotZeros() throws {
        try TestTIFF(width: 200, height: 130).use { path in
            let slide = try Slide(path: path)
            for (level, x, y, width, height) in [
                (0, -1, 0, 10, 10), (0, 0, -1, 10, 10), (0, 191, 0, 10, 10), (0, 0, 121, 10, 10), (1, 0, 0, 10, 10),
                (-1, 0, 0, 10, 10), (0, 0, 0, 0, 10), (0, 0, 0, Int.max, Int.max),
            ] {
                #expect(code { try slide.read(level: level, x: x, y: y, width: width, height: height) } == .bug)
            }
            #expect(throws: Never.self) { try slide.read(level: 0, x: 190, y: 120, width: 10, height: 10) }
        }
    }

    @Test func transparentPixelsBecomeWhiteAndKeepTheirAlpha() throws {
        var tiff = TestTIFF(width: 64, height: 64) { x, _ in
            x < 16 ? [0, 0, 0, 0] : x < 32 ? [50, 20, 10, 128] : [200, 40, 90, 255]
        }
        tiff.samples = 4
        try tiff.use { path in
            let slide = try Slide(path: path)
            let (image, alpha) = try slide.readWithAlpha(level: 0, x: 0, y: 0, width: 64, height: 64)
            #expect([alpha[0], alpha[20], alpha[40]] == [0, 128, 255])
            #expect(image[0, 0] == .white)
            #expect(image[20, 0] == RGB(177, 147, 137))
            #expect(image[40, 0] == RGB(200, 40, 90))
        }
    }

    @Test func aFaultDoesNotSpoilLaterReads() throws {
        var tiff = TestTIFF(width: 256, height: 64)
        tiff.levels.append(.init(width: 64, height: 16) { _, _ in [9, 9, 9] })
        tiff.damaged = [1]
        try tiff.use { path in
            let slide = try Slide(path: path)
            for _ in 0..<3 {
                #expect(code { try slide.read(level: 0, x: 70, y: 0, width: 20, height: 20) } == .slideCorrupt)
                #expect(try slide.read(level: 0, x: 150, y: 3, width: 2, height: 2)[0, 0] == RGB(150, 3, 90))
            }
        }
    }

    @Test func whatIsNoSlideIsRefusedWithItsSize() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-slides-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appending(path: "empty.svs")
        try Data().write(to: empty)
        let text = folder.appending(path: "text.svs")
        try Data("not a slide".utf8).write(to: text)
        let errors = [empty, text].map { url in
            do { _ = try Slide(path: url.path) } catch { return Failure(error).message }
            return "opened"
        }
        #expect(errors[0] == "not a readable slide: the file is empty (empty.svs, 0 bytes); re-copy it from its source")
        #expect(errors[1].contains("text.svs, 11 bytes"))
        #expect(code { try Slide(path: empty.path) } == .slideOpen)
        #expect(code { try Slide(path: folder.appending(path: "missing.svs").path) } == .notFound)
    }

    @Test func greyPixelsAreAnotherFormat() throws {
        var tiff = TestTIFF(width: 64, height: 64) { x, _ in [UInt8(x)] }
        tiff.samples = 1
        try tiff.use { path in #expect(code { try Slide(path: path) } == .slideFormat) }
    }

    @Test func impossibleGeometryIsRefused() {
        func pyramid(_ levels: [(Int, Int, Double)]) throws -> Pyramid {
            try Pyramid(
                levels: levels.map { .init(size: PixelSize(width: $0.0, height: $0.1), downsample: $0.2) }
            )
        }
        for levels in [
            [], [(0, 5, 1.0)], [(5, 1 << 31, 1)], [(2_000_000, 1_000_000, 1)], [(9, 9, .nan)], [(9, 9, 0.5)],
            [(9, 9, 1), (4, 4, 4), (2, 2, 2)], Array(repeating: (9, 9, 1), count: 65),
        ] {
            #expect(code { try pyramid(levels) } == .slideGeometry)
        }
        #expect(code { try pyramid([(1_000_000, 1_000_000, 1), (9, 9, 4.5)]) } == nil)
    }

    @Test func boundsAreClippedToTheSlide() throws {
        let level = Pyramid.Level(size: PixelSize(width: 100, height: 80), downsample: 1)
        func bounds(_ x: Int, _ y: Int, _ width: Int, _ height: Int) throws -> PixelRect {
            try Pyramid(levels: [level], bounds: PixelRect(x: x, y: y, width: width, height: height)).bounds
        }
        let whole = PixelRect(x: 0, y: 0, width: 100, height: 80)
        #expect(try bounds(10, 20, 30, 40) == PixelRect(x: 10, y: 20, width: 30, height: 40))
        #expect(try bounds(-5, 70, 30, 40) == PixelRect(x: 0, y: 70, width: 25, height: 10))
        #expect(try bounds(200, 0, 10, 10) == whole)
        #expect(try bounds(0, 0, -10, 10) == whole)
        #expect(try bounds(1, 1, .max, .max) == whole)
    }
}

struct SlideScaleTests {
    private func scale(
        _ resolution: (UInt32, UInt32, TestTIFF.Unit)?,
        given: SlideScale? = nil,
        inches: Bool = false
    ) throws -> SlideScale {
        var tiff = TestTIFF(width: 64, height: 64)
        tiff.resolution = resolution
        return try tiff.use { try Slide(path: $0).scale(given: given, acceptInches: inches) }
    }

    private func failure(_ body: () throws -> SlideScale) -> Failure? {
        do { _ = try body() } catch { return Failure(error) }
        return nil
    }

    @Test func aResolutionPerCentimetreCounts() throws {
        #expect(try scale((20_000, 20_000, .centimetre)) == SlideScale(mpp: 0.5, source: .tiffCentimetre))
    }

    @Test func aResolutionPerInchCountsOnlyWhenAsked() throws {
        let resolution: (UInt32, UInt32, TestTIFF.Unit) = (50_800, 50_800, .inch)
        let refused = failure { try scale(resolution) }
        #expect(refused?.code == .mppMissing)
        #expect(refused?.message.contains("--mpp-from-tiff") == true)
        #expect(try scale(resolution, inches: true) == SlideScale(mpp: 0.5, source: .tiffInch))
    }

    @Test func aMissingMPPIsRefusedWithTheFix() {
        let refused = failure { try scale(nil) }
        #expect(refused?.code == .mppMissing)
        #expect(refused?.message.contains("--slide-mpp 0.5") == true)
        #expect(refused?.message.contains("--mpp-csv") == true)
    }

    @Test func aGivenScaleWinsAndIsChecked() throws {
        let given = SlideScale(mpp: 0.25, source: .table)
        #expect(try scale((20_000, 20_000, .centimetre), given: given) == given)
        for mpp in [0, 0.049, 100.1, -.infinity, .nan] {
            let failure = failure { try scale(nil, given: SlideScale(mpp: mpp, source: .option)) }
            #expect(failure?.code == .mppImplausible)
        }
    }

    @Test func pixelsThatAreNotSquareAreRefused() throws {
        #expect(failure { try scale((20_000, 20_500, .centimetre)) }?.code == .mppImplausible)
        #expect(try scale((20_000, 20_200, .centimetre)).mpp == (0.5 + 10_000 / 20_200.0) / 2)
        #expect(failure { try scale((99, 99, .centimetre)) }?.code == .mppImplausible)
    }
}
