import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Slides

/// What the machine does to a slide is no fact about it.
@Suite struct SlideOpeningTests {
    private func code(_ work: () throws -> Void) -> ErrorCode? {
        do { try work() } catch { return Failure(error).code }
        return nil
    }

    private func made() -> TestTIFF {
        var tiff = TestTIFF(width: 256, height: 128)
        tiff.levels.append(.init(width: 128, height: 64) { _, _ in [9, 9, 9] })
        tiff.levels.append(.init(width: 64, height: 32) { _, _ in [9, 9, 9] })
        tiff.resolution = (20_000, 20_000, .centimetre)
        return tiff
    }

    @Test func everyDirectoryOfATIFFIsCountedWithItsTiles() throws {
        try made().use { path in
            let walk = try #require(try TIFFWalk(OpenFile(URL(filePath: path))))
            #expect(
                walk.directories.map(\.width) == [256, 128, 64] && walk.directories.map(\.height) == [128, 64, 32]
            )
            let level = walk.directories[0]
            #expect(level.tileWidth == 64 && level.tileHeight == 64 && level.tileOffsets?.count == 8)
            let offsets = try #require(level.tileOffsets)
            let places = try (0..<9).map { try walk[offsets, $0] }
            let wanted: [Int?] = (0..<8).map { 8 + $0 * 12_288 } + [nil]
            #expect(places == wanted)
            let size = PixelSize(width: 256, height: 128)
            #expect(try walk.probe(PixelRect(x: 250, y: 120, width: 50, height: 50), ofLevel: size))
            #expect(
                try !walk.probe(PixelRect(x: 0, y: 0, width: 5, height: 5), ofLevel: PixelSize(width: 9, height: 9))
            )
        }
    }

    @Test func aTIFFThatMakesNoSenseIsNotTheDisksFault() throws {
        var data = made().data()
        try made().use { path in
            let url = URL(filePath: path)
            for cut in [3, 9, data.count / 2, data.count - 1] {
                try data.prefix(cut).write(to: url)
                _ = try TIFFWalk(OpenFile(url))
            }
            // A chain of directories that comes back to itself.
            let first = data[4..<8]
            data.replaceSubrange((data.count - 8)..<data.count, with: first + first)
            try data.write(to: url)
            _ = try TIFFWalk(OpenFile(url))
            try Data("not a slide".utf8).write(to: url)
            #expect(try TIFFWalk(OpenFile(url)) == nil)
        }
    }

    @Test func aSlideSaysTheSameWheneverItIsOpened() throws {
        try made().use { path in
            let opening = SlideOpening(try SlideFiles(path), file: "made.tif")
            let account = try opening.twice().account
            #expect(account.levels.count == 3 && account.properties["openslide.vendor"] == "generic-tiff")
            _ = try opening.again(account)
            var fewer = account
            fewer.levels.removeLast()
            #expect(account.difference(from: fewer) == "3 and 2 levels")
            #expect(code { _ = try opening.again(fewer) } == .io)
            var other = account
            other.properties["tiff.XResolution"] = nil
            #expect(account.difference(from: other) == "another tiff.XResolution")
        }
    }

    @Test func aSlideWhoseBytesTheDiskDoesNotGiveIsNoBadSlide() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-slides-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let slide = folder.appending(path: "a.svs").path
        // Of this file the system gives no byte (EIO): the first page of a process's memory is never there.
        try FileManager.default.createSymbolicLink(atPath: slide, withDestinationPath: "/proc/self/mem")
        let failure = Failure(try #require(throws: SlideError.self) { try Slide(path: slide) })
        #expect(failure.code == .io && failure.message.contains("read: Input/output error (a.svs)"))
    }

    @Test func aSlideThatIsReplacedWhileItIsReadIsNotReadOn() throws {
        var tiff = made()
        tiff.damaged = [1]
        try tiff.use { path in
            let slide = try Slide(path: path)
            // The fault of a damaged tile makes the next read open the slide anew.
            #expect(code { _ = try slide.read(level: 0, x: 70, y: 0, width: 20, height: 20) } == .slideCorrupt)
            var another = made()
            another.levels.removeLast()
            try another.data().write(to: URL(filePath: path))
            #expect(code { _ = try slide.read(level: 0, x: 0, y: 0, width: 9, height: 9) } == .io)
        }
    }

    @Test func everyErrorOfTheMachineKeepsItsCause() {
        func code(_ errno: Int32) -> ErrorCode { SlideError.system(file: "a.svs", call: "open", errno: errno).code }
        for errno in [EIO, ESTALE, ETIMEDOUT, EAGAIN, ENOMEM, EMFILE, ENFILE] { #expect(code(errno) == .io) }
        #expect(code(EACCES) == .access && code(EPERM) == .access)
        #expect(SlideError.unsteady(file: "a.svs", "opened twice, 3 and 1 levels").code == .io)
    }
}
