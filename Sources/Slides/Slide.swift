import CTIFF
import Foundation
public import Records
import Storage

/// An open whole-slide image: geometry, scale, and pixels of its pyramid. Label and macro images are never read.
///
/// Not Sendable: a worker opens its own.
public final class Slide {
    /// File name without folder.
    public let file: String
    public let vendor: String
    public internal(set) var pyramid: Pyramid
    /// What may be told about the slide: no name, date, user or barcode passes.
    public let facts: SlideFacts
    /// `tiff.*` resolution as the file states it.
    let resolution: TIFFResolution?
    /// Of an OME-TIFF that says it.
    let omePixel: OMEPixel?

    let path: String
    private let background: RGBColor
    /// nil after a fault, until the next read opens the slide again.
    private var handle: OpenSlideHandle?
    /// What `tiles(of:)` found out about the levels read so far.
    var directLevels: [Int: JPEGTiles?] = [:]
    /// What was found out about the levels compared with level 0 so far: why one is ignored, nil for one that is not.
    var levelDoubts: [Int: String?] = [:]
    /// Spent so far on opening the slide and reading its pixels.
    public private(set) var readingTime = Duration.zero
    private var isReading = false

    public var size: PixelSize { pyramid.size }
    public var levels: [Pyramid.Level] { pyramid.levels }
    public var bounds: PixelRect { pyramid.bounds }

    /// - Throws: `SlideError.notFound`, `.unreadable`, `.format` or `.geometry`.
    public init(path: String) throws {
        let start = ContinuousClock.now
        file = (path as NSString).lastPathComponent
        let path = try Self.place(path, file)
        self.path = path
        do {
            let handle = try Self.open(path, file)
            vendor = try handle.property("openslide.vendor") ?? "unknown"
            try Self.checkFormat(path, vendor: vendor)
            pyramid = try Self.pyramid(of: handle)
            facts = try SlideFacts(handle, vendor: vendor, pyramid: pyramid)
            resolution = try TIFFResolution(handle)
            omePixel = try OMEPixel(handle, size: pyramid.size)
            background = try handle.property("openslide.background-color").flatMap(RGBColor.init(hex:)) ?? .white
            self.handle = handle
            readingTime = ContinuousClock.now - start
        } catch let fault as OpenSlideHandle.Fault {
            throw Self.unreadable(path, file, fault.text.replacing(path, with: file))
        }
    }

    /// Pixels of one level, transparent parts on the slide's background colour (white unless it names another).
    /// - Parameters:
    ///   - x, y: top-left corner in level-0 pixels.
    ///   - width, height: in pixels of the level.
    /// - Throws: `SlideError.outside` beyond the image, `.corrupt` where the pixels cannot be decoded, also not by a
    ///   freshly opened slide.
    public func read(level: Int, x: Int, y: Int, width: Int, height: Int) throws -> RGBImage {
        try read(LevelRect(level: level, x: x, y: y, width: width, height: height), through: nil)
    }

    /// As `read`, with the alpha of each pixel: 0 where the scanner saw nothing.
    public func readWithAlpha(
        level: Int,
        x: Int,
        y: Int,
        width: Int,
        height: Int
    ) throws -> (image: RGBImage, alpha: [UInt8]) {
        try readWithAlpha(LevelRect(level: level, x: x, y: y, width: width, height: height), through: nil)
    }

    func readWithAlpha(_ place: LevelRect, through window: TileWindow?) throws -> (image: RGBImage, alpha: [UInt8]) {
        try check(place)
        return try timed {
            if let image = directImage(place, through: window) {
                return (image, Array(repeating: 255, count: place.width * place.height))
            }
            let region = try region(place)
            return (region.image(on: background), region.alpha)
        }
    }

    /// Counts what `body` takes as reading, reads within reads once.
    func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard !isReading else { return try body() }
        isReading = true
        let start = ContinuousClock.now
        defer {
            readingTime += ContinuousClock.now - start
            isReading = false
        }
        return try body()
    }

    /// - Parameter window: the decoded tiles of a pass over the level; nil for a single read.
    func read(_ place: LevelRect, through window: TileWindow?) throws -> RGBImage {
        try check(place)
        let bytes = place.width * place.height * 3
        let pixels = try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, filled in
            try read(place, through: window, into: UnsafeMutableBufferPointer(rebasing: buffer[..<bytes]))
            filled = bytes
        }
        return RGBImage(width: place.width, height: place.height, pixels: pixels)
    }

    /// As `read`, into the caller's memory.
    /// - Precondition: `target` has 3 bytes for each pixel.
    func read(_ place: LevelRect, through window: TileWindow?, into target: UnsafeMutableBufferPointer<UInt8>) throws {
        try check(place)
        precondition(target.count == place.width * place.height * 3, "memory must fit the read")
        try timed {
            if readDirectly(place, through: window, into: target) { return }
            try region(place).paint(on: background, into: target)
        }
    }

    /// - Throws: `SlideError.outside` for a read that leaves the image or is senselessly large.
    private func check(_ place: LevelRect) throws {
        guard
            pyramid.contains(level: place.level, x: place.x, y: place.y, width: place.width, height: place.height)
        else { throw SlideError.outside("\(place)") }
        let (count, overflow) = place.width.multipliedReportingOverflow(by: place.height)
        guard !overflow, count <= Self.largestRead else { throw SlideError.outside("\(place) at once are too many") }
    }

    /// What OpenSlide says of a part of the image.
    /// - Throws: `SlideError.corrupt`.
    func region(_ place: LevelRect) throws -> ARGBRegion {
        do {
            return try attempt(place)
        } catch is OpenSlideHandle.Fault {
            // A fault is for the life of a handle, but often not of the slide: a fresh handle gets one more try.
            do { return try attempt(place) } catch let fault as OpenSlideHandle.Fault {
                throw SlideError.corrupt("\(place) cannot be decoded: \(fault.text.replacing(path, with: file))")
            }
        }
    }

    private func attempt(_ place: LevelRect) throws -> ARGBRegion {
        let (width, height) = (place.width, place.height)
        let open = try handle ?? Self.open(path, file)
        handle = nil
        let pixels = try [UInt32](unsafeUninitializedCapacity: width * height) { buffer, filled in
            guard let base = buffer.baseAddress else { return }
            try open.read(base, level: Int32(place.level), x: place.x, y: place.y, width: width, height: height)
            filled = width * height
        }
        handle = open
        return ARGBRegion(width: width, height: height, pixels: pixels)
    }

    /// 64 million pixels, 256 MiB: a wish beyond that is a mistake of the caller.
    static let largestRead = 1 << 26
}

extension Slide {
    private static func open(_ path: String, _ file: String) throws -> OpenSlideHandle {
        guard let handle = try OpenSlideHandle(path: path) else {
            throw unreadable(path, file, "no format that OpenSlide \(OpenSlideHandle.version) knows")
        }
        return handle
    }

    private static func unreadable(_ path: String, _ file: String, _ reason: String) -> SlideError {
        guard case .regular(let bytes) = RegularFile.kind(of: path) else {
            return .unreadable(file: file, bytes: 0, reason: reason)
        }
        return .unreadable(file: file, bytes: bytes, reason: bytes == 0 ? "the file is empty" : reason)
    }

    /// Where OpenSlide is to look, once every file of the slide is one that may be opened.
    private static func place(_ path: String, _ file: String) throws(SlideError) -> String {
        do { return try SlideFiles(path).main.path } catch StorageError.system(_, _, let code) where code == ENOENT {
            throw .notFound(file: file)
        } catch StorageError.system(_, _, let code) {
            throw .unreadable(file: file, bytes: 0, reason: String(cString: strerror(code)))
        } catch StorageError.notRegular(let found, let kind) {
            let name = (found as NSString).lastPathComponent
            throw .notRegular(file: file, reason: "\(name == file ? "it" : name) is \(kind), no regular file")
        } catch { throw .unreadable(file: file, bytes: 0, reason: error.message) }
    }

    /// OpenSlide opens single-channel TIFFs and fails, or makes them grey, only when pixels are read.
    private static func checkFormat(_ path: String, vendor: String) throws {
        guard ["generic-tiff", "aperio"].contains(vendor) else { return }
        var format = ctiff_pixel_format()
        guard ctiff_read_pixel_format(path, &format) == 0 else { return }
        let (rgb, palette, yCbCr): (UInt16, UInt16, UInt16) = (2, 3, 6)
        let isColour =
            format.photometric == palette
            || ([rgb, yCbCr].contains(format.photometric) && format.samples_per_pixel >= 3)
        guard isColour, format.bits_per_sample == 8 else {
            let samples = format.samples_per_pixel == 1 ? "1 sample" : "\(format.samples_per_pixel) samples"
            throw SlideError.format(
                found: "\(samples) of \(format.bits_per_sample) bits with TIFF photometric \(format.photometric)"
            )
        }
    }

    private static func pyramid(of handle: OpenSlideHandle) throws -> Pyramid {
        let count = try handle.levelCount()
        guard let wanted = Int32(exactly: count), (1...64).contains(wanted) else {
            throw SlideError.geometry("\(count) levels, 1 to 64 are wanted")
        }
        let levels = try (0..<wanted).map { index in
            let level = try handle.level(index)
            return Pyramid.Level(
                size: PixelSize(width: Int(level.width), height: Int(level.height)),
                downsample: level.downsample
            )
        }
        let sides = try ["x", "y", "width", "height"].compactMap { side in
            try handle.property("openslide.bounds-\(side)").flatMap { Int($0) }
        }
        let bounds = sides.count == 4 ? PixelRect(x: sides[0], y: sides[1], width: sides[2], height: sides[3]) : nil
        return try Pyramid(levels: levels, bounds: bounds)
    }
}
