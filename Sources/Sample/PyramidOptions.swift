public import Imaging
import Records
import Storage

/// How a pyramid is stored.
public struct PyramidOptions: Equatable, Sendable {
    /// What a tile's JPEG stream holds.
    public enum Colour: Equatable, Sendable {
        /// YCbCr with full chroma.
        case yCbCr444
        /// YCbCr with half the chroma columns.
        case yCbCr422
        /// YCbCr with half the chroma columns and rows.
        case yCbCr420
        /// RGB components, as many Aperio scanners store them.
        case rgb
    }

    /// The ImageDescription tag.
    public enum Description: Equatable, Sendable {
        case none
        /// Makes readers take the file for an Aperio slide of this scale (µm per pixel at level 0) and objective.
        case aperio(mpp: Double, magnification: Double)
        /// Aperio without a scale.
        case aperioWithoutScale
        case text(String)
    }

    /// Side of the square tiles in pixels, a multiple of 16.
    public var tileSize: Int
    public var levels: Int
    /// Size ratio of neighbouring levels; a remainder at the right and lower edge is dropped, as scanners do.
    public var factor: Int
    /// JPEG quality, 1 to 100.
    public var quality: Int
    public var colour: Colour
    public var description: Description
    /// In pixels of level 0 per unit; deeper levels get theirs.
    public var resolution: TiledTIFF.Resolution
    public var bigTIFF: Bool

    public init(
        tileSize: Int = 256,
        levels: Int = 3,
        factor: Int = 4,
        quality: Int = 80,
        colour: Colour = .yCbCr422,
        description: Description = .aperio(mpp: 0.5, magnification: 20),
        resolution: TiledTIFF.Resolution = .none,
        bigTIFF: Bool = false
    ) {
        self.tileSize = tileSize
        self.levels = levels
        self.factor = factor
        self.quality = quality
        self.colour = colour
        self.description = description
        self.resolution = resolution
        self.bigTIFF = bigTIFF
    }

    /// The sizes of the levels of an image.
    /// - Throws: `SampleError.options` where a value is out of range or the last level would be empty.
    func levelSizes(of size: PixelSize) throws -> [PixelSize] {
        guard tileSize > 0, tileSize <= 4096, tileSize % 16 == 0 else {
            throw SampleError.options("tile size \(tileSize); TIFF wants a multiple of 16 up to 4096")
        }
        guard (1...16).contains(levels), (2...16).contains(factor), (1...100).contains(quality) else {
            throw SampleError.options(
                "levels \(levels), factor \(factor), quality \(quality); allowed are 1-16, 2-16 and 1-100"
            )
        }
        guard (1...1_000_000).contains(size.width), (1...1_000_000).contains(size.height) else {
            throw SampleError.options(
                "an image of \(size.width) x \(size.height); allowed are 1 to 1,000,000 pixels a side"
            )
        }
        var sizes = [size]
        while let last = sizes.last, sizes.count < levels {
            let next = PixelSize(width: last.width / factor, height: last.height / factor)
            guard next.width > 0, next.height > 0 else {
                throw SampleError.options(
                    "\(levels) levels by factor \(factor) of \(size.width) x \(size.height) pixels; use fewer levels"
                )
            }
            sizes.append(next)
        }
        return sizes
    }

    /// A level as the file takes it.
    /// - Parameter factor: how much smaller the level is than the base.
    func level(_ size: PixelSize, base: PixelSize, factor: Int) -> TiledTIFF.Level {
        let storage: TiledTIFF.Storage =
            switch colour {
            case .yCbCr444: .yCbCr(quality: quality, subsampleX: 1, subsampleY: 1)
            case .yCbCr422: .yCbCr(quality: quality, subsampleX: 2, subsampleY: 1)
            case .yCbCr420: .yCbCr(quality: quality, subsampleX: 2, subsampleY: 2)
            case .rgb: .rgb(quality: quality)
            }
        let scaled: TiledTIFF.Resolution =
            switch resolution {
            case .none: .none
            case .perCentimetre(let value): .perCentimetre(value / Double(factor))
            case .perInch(let value): .perInch(value / Double(factor))
            }
        return TiledTIFF.Level(
            size: size,
            tileSize: tileSize,
            storage: storage,
            isReduced: factor > 1,
            description: descriptionText(of: size, base: base),
            resolution: scaled
        )
    }

    /// The ImageDescription of a level, in the form that OpenSlide reads: text up to the first bar, then `name = value`.
    func descriptionText(of level: PixelSize, base: PixelSize) -> String? {
        func aperio(_ fields: String) -> String {
            let reduced = level == base ? "" : " -> \(level.width)x\(level.height)"
            return "Aperio Image Library layout, written by wsi\n"
                + "\(base.width)x\(base.height) [0,0 \(base.width)x\(base.height)] (\(tileSize)x\(tileSize))\(reduced) "
                + "JPEG/\(colour == .rgb ? "RGB" : "YCC") Q=\(quality)\(fields)"
        }
        return switch description {
        case .none: nil
        case .text(let text): text
        case .aperioWithoutScale: aperio("")
        case .aperio(let mpp, let magnification): aperio("|AppMag = \(shown(magnification))|MPP = \(shown(mpp))")
        }
    }

    private func shown(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e9 ? String(Int(value)) : String(value)
    }
}
