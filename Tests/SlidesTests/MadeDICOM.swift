import Foundation
import Imaging
import Records
import TestSupport

@testable import Slides

/// A folder of made DICOM files, and what they hold.
struct MadeDICOM {
    let scratch: Scratch

    init(_ files: [String: TestDICOM]) throws {
        scratch = try Scratch()
        for (name, file) in files { try write(file.data(), name) }
    }

    func write(_ data: Data, _ name: String) throws {
        let url = scratch.file(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func open(_ name: String = "", rules: ReadingRules = ReadingRules()) throws -> Slide {
        try Slide(path: name.isEmpty ? scratch.folder.path : scratch.file(name).path, rules: rules)
    }

    /// Why a file is refused; nil where it is not.
    func refusal(_ name: String = "", rules: ReadingRules = ReadingRules()) -> Failure? {
        do { _ = try open(name, rules: rules) } catch { return Failure(error) }
        return nil
    }

    /// Of level 0, smooth enough for JPEG.
    static func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        [UInt8(60 + x % 128), UInt8(200 - y % 128), UInt8(90 + (x + y) % 64)]
    }

    static func pixels(width: Int, height: Int, factor: Int = 1) -> [UInt8] {
        (0..<height).flatMap { y in (0..<width).flatMap { x in pixel(x * factor, y * factor) } }
    }

    /// An uncompressed level, `factor` times as coarse as the first.
    static func level(_ width: Int, _ height: Int, factor: Int = 1) -> TestDICOM {
        TestDICOM(
            instance: "1.2.5.\(factor)",
            width: width,
            height: height,
            frames: TestDICOM.tiles(width, height) { pixel($0 * factor, $1 * factor) }
        )
    }

    /// The same pixels in another form.
    static func stored(_ file: TestDICOM, as photometric: String, isPlanar: Bool = false) -> TestDICOM {
        var file = file
        (file.photometric, file.isPlanar) = (photometric, isPlanar)
        file.frames = file.frames.map { frame in
            let pixels = stride(from: 0, to: frame.count, by: 3).map { at in
                let rgb = (0..<3).map { Double(frame[frame.startIndex + at + $0]) }
                return photometric == "RGB" ? rgb : yCbCr(rgb)
            }
            let bytes = pixels.map { $0.map { UInt8(clamping: Int($0.rounded())) } }
            return Data(isPlanar ? (0..<3).flatMap { plane in bytes.map { $0[plane] } } : bytes.flatMap(\.self))
        }
        return file
    }

    private static func yCbCr(_ rgb: [Double]) -> [Double] {
        [
            0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2],
            128 - 0.168736 * rgb[0] - 0.331264 * rgb[1] + 0.5 * rgb[2],
            128 + 0.5 * rgb[0] - 0.418688 * rgb[1] - 0.081312 * rgb[2],
        ]
    }

    /// Each frame as PackBits of its planes, runs and literals of at most four bytes.
    static func runLength(_ file: TestDICOM) -> TestDICOM {
        var file = file
        file.transferSyntax = TestDICOM.runLength
        file.frames = file.frames.map { frame in
            let segments = (0..<3).map { plane in
                let bytes = stride(from: plane, to: frame.count, by: 3).map { frame[frame.startIndex + $0] }
                var packed = Data([128])
                for start in stride(from: 0, to: bytes.count, by: 4) {
                    let part = bytes[start..<(start + 4)]
                    packed += Set(part).count == 1 ? Data([253, part[start]]) : Data([3]) + part
                }
                return packed + Data(count: packed.count % 2)
            }
            let starts = [64, 64 + segments[0].count, 64 + segments[0].count + segments[1].count]
            let head = ([3] + starts + Array(repeating: 0, count: 12)).flatMap { number in
                (0..<4).map { UInt8(number >> (8 * $0) & 255) }
            }
            return segments.reduce(Data(head), +)
        }
        return file
    }

    static func jpeg(_ file: TestDICOM) throws -> TestDICOM {
        var file = file
        (file.transferSyntax, file.photometric) = (TestDICOM.jpeg, "YBR_FULL_422")
        file.frames = try file.frames.map { frame in
            let image = RGBImage(width: file.tileWidth, height: file.tileHeight, pixels: [UInt8](frame))
            return try JPEGFile.encode(image, quality: 95)
        }
        return file
    }
}

extension Slide {
    func whole(_ level: Int = 0) throws -> [UInt8] {
        let size = levels[level].size
        return try read(level: level, x: 0, y: 0, width: size.width, height: size.height).pixels
    }
}
