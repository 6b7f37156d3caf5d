import Files
import Foundation
public import Imaging
public import Records
import Storage

/// An open whole-slide image: geometry, scale, and pixels of its pyramid. Label and macro images are never read.
///
/// Not Sendable: a worker opens its own.
public final class Slide {
    /// File name without folder.
    public let file: String
    public let vendor: String
    /// The version of OpenSlide that reads it, such as `4.0.1`; nil where another reader does.
    public let openSlide: String?
    public internal(set) var pyramid: Pyramid
    /// What may be told about the slide: no name, date, user or barcode passes.
    public let facts: SlideFacts
    /// `tiff.*` resolution as the file states it.
    let resolution: TIFFResolution?
    /// Of an OME-TIFF that says it.
    let omePixel: OMEPixel?

    let path: String
    private let opening: SlideOpening
    private let account: SlideAccount
    private let background: RGB
    /// nil where colours stay as they are stored.
    let transform: ICCTransform?
    /// nil after a fault, until the next read opens the slide again.
    private(set) var reader: (any SlideReader)?
    /// What `tiles(of:)` found out about the levels read so far.
    var directLevels: [Int: (any TileSource)?] = [:]
    /// What was found out about the levels compared with level 0 so far: why one is ignored, nil for one that is not.
    var levelDoubts: [Int: String?] = [:]
    /// Spent so far on opening the slide and reading its pixels.
    public private(set) var readingTime = Duration.zero
    private var isReading = false
    /// The last one of the machine.
    var fault: SlideError?
    /// Whether every byte of the slide could be read when it was tried.
    private var isWhole = false

    var rules: ReadingRules { opening.rules }
    public var size: PixelSize { pyramid.size }
    public var levels: [Pyramid.Level] { pyramid.levels }
    public var bounds: PixelRect { pyramid.bounds }
    /// What contradicts itself in the file, and what was taken, in words.
    public var notes: [String] { account.notes }

    /// - Throws: `SlideError.notFound`, `.unreadable`, `.unopened`, `.refused`, `.geometry` or `.scene`; `.system` or
    ///   `.unsteady` where it is not the slide that is to blame.
    public init(path: String, rules: ReadingRules = ReadingRules()) throws {
        let start = ContinuousClock.now
        file = (path as NSString).lastPathComponent
        opening = SlideOpening(try Self.files(path, file), file: file, rules: rules)
        self.path = opening.files.main.path
        let opened = try opening.twice()
        (reader, account) = (opened.reader, opened.account)
        (vendor, openSlide) = (account.vendor, opened.reader.openSlide)
        transform = try opening.transform(of: opened)
        pyramid = try Pyramid(account, scene: rules.scene)
        facts = SlideFacts(account, pyramid)
        resolution = account.resolution
        omePixel = account.omePixel
        background = account.background
        readingTime = ContinuousClock.now - start
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
                return (transformed(image), Array(repeating: 255, count: place.width * place.height))
            }
            let region = try region(place)
            return (transformed(region.image(on: background)), region.alpha)
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
            if !readDirectly(place, through: window, into: target) {
                try region(place).paint(on: background, into: target)
            }
            transform?.apply(to: target)
        }
    }

    /// The background, too: what is stored and what is not must not meet in two colours.
    private func transformed(_ image: RGBImage) -> RGBImage {
        guard let transform else { return image }
        var image = image
        image.pixels.withUnsafeMutableBufferPointer { transform.apply(to: $0) }
        return image
    }

    /// - Throws: `SlideError.outside` for a read that leaves the image or is senselessly large.
    private func check(_ place: LevelRect) throws {
        guard
            pyramid.contains(level: place.level, x: place.x, y: place.y, width: place.width, height: place.height)
        else { throw SlideError.outside("\(place)") }
        let (count, overflow) = place.width.multipliedReportingOverflow(by: place.height)
        guard !overflow, count <= Self.largestRead else { throw SlideError.outside("\(place) at once are too many") }
    }

    /// What the reader says of a part of the image.
    /// - Throws: `SlideError.corrupt`; `.system` or `.unsteady` where the machine does not give the pixels.
    func region(_ place: LevelRect) throws -> ARGBRegion {
        do {
            // A fault is for the life of a reader, but often not of the slide: a fresh one gets one more try.
            do { return try attempt(place) } catch is SlideFault { return try attempt(place) }
        } catch let fault as SlideFault {
            if let machine = machineFault(at: place) {
                self.fault = machine
                throw machine
            }
            throw SlideError.corrupt("\(place) cannot be decoded: \(opening.files.named(file, in: fault.text))")
        } catch let fault as SlideError {
            self.fault = fault
            throw fault
        }
    }

    /// Readers do not tell damage from a disk that fails; the system does.
    private func machineFault(at place: LevelRect) -> SlideError? {
        let downsample = levels[place.level].downsample
        let part = PixelRect(
            x: Int(Double(place.x) / downsample),
            y: Int(Double(place.y) / downsample),
            width: place.width + 1,
            height: place.height + 1
        )
        let found = opening.fault(reading: part, ofLevel: levels[place.level].size)
        if found.isKnown || isWhole { return found.fault }
        let fault = opening.fault()
        isWhole = fault == nil
        return fault
    }

    private func attempt(_ place: LevelRect) throws -> ARGBRegion {
        let count = place.width * place.height
        let open = try reader ?? opening.again(account)
        reader = nil
        let pixels = try [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let base = buffer.baseAddress else { return }
            try open.read(place, into: base)
            filled = count
        }
        reader = open
        return ARGBRegion(width: place.width, height: place.height, pixels: pixels)
    }

    /// 64 million pixels, 256 MiB: a wish beyond that is a mistake of the caller.
    static let largestRead = 1 << 26
}

extension Slide {
    /// The files of the slide, once each of them is one that may be opened.
    static func files(_ path: String, _ file: String) throws(SlideError) -> SlideFiles {
        // Of several files the one that is at fault.
        func shown(_ found: String) -> String {
            let name = (found as NSString).lastPathComponent
            return found == path || name == file ? file : "\(name), which may be a part of the slide"
        }
        do { return try SlideFiles(path) } catch StorageError.system(let found, _, let code) where code == ENOENT {
            throw .notFound(file: shown(found))
        } catch StorageError.system(let found, let call, let code) where ErrorCode(errno: code) != .notFound {
            throw .system(file: shown(found), call: call, errno: code)
        } catch StorageError.system(_, _, EISDIR) {
            throw SlideOpening.refusal(ofFolder: URL(filePath: path))
        } catch StorageError.system(let found, _, _) {
            throw .notFound(file: shown(found))
        } catch StorageError.notRegular(let found, let kind) {
            let name = (found as NSString).lastPathComponent
            throw .notRegular(file: file, reason: "\(name == file ? "it" : name) is \(kind), no regular file")
        } catch StorageError.malformed(_, let reason) {
            throw .refused(reason, wayOut: "name a file of one of them; wsi tile takes them all")
        } catch { throw .unopened(file: file, bytes: 0, reason: error.message) }
    }
}

extension Pyramid {
    /// - Parameter scene: from 1, the one that is all there is to look at; nil for the whole slide.
    /// - Throws: `SlideError.geometry`; `.scene` where the slide has no such one.
    fileprivate init(_ account: SlideAccount, scene: Int?) throws {
        guard (1...SlideAccount.mostLevels).contains(account.levelCount) else {
            throw SlideError.geometry("\(account.levelCount) levels, 1 to \(SlideAccount.mostLevels) are wanted")
        }
        let levels = account.levels.map { level in
            Level(
                size: PixelSize(width: Int(level.width), height: Int(level.height)),
                downsample: level.downsample
            )
        }
        var bounds = account.bounds
        if let scene {
            guard account.unplacedScenes == 0 else { throw SlideError.unplacedScenes(count: account.unplacedScenes) }
            guard scene > 0, scene <= account.scenes.count else {
                throw SlideError.scene(scene, count: account.scenes.count)
            }
            bounds = account.scenes[scene - 1]
        }
        try self.init(levels: levels, bounds: bounds)
    }
}
