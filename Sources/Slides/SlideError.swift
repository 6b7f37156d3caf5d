import Config
import Files
import Foundation
public import Records
import Storage

/// A slide that cannot be used, or a wish that it cannot fulfil.
public enum SlideError: ReportableError, Equatable {
    case notFound(file: String)
    /// Bytes of the file are missing or wrong; `reason` says what was seen.
    case unreadable(file: String, bytes: Int, reason: String)
    /// No reader takes the file, and nothing tells why; `reason` has their words.
    case unopened(file: String, bytes: Int, reason: String)
    /// Whole as far as can be told, and not read, or not without another word of the user's: what it is, and what to do.
    case refused(String, wayOut: String)
    /// A pipe, socket or device, which is never opened.
    case notRegular(file: String, reason: String)
    /// The system does not give the file: the disk or the machine fails, or the right to read it is missing.
    case system(file: String, call: String, errno: Int32)
    /// What it says of itself changes from one time to the next: the machine failed, or the file is being written.
    case unsteady(file: String, String)
    case geometry(String)
    /// A scene that the slide does not have, of `count`.
    case scene(Int, count: Int)
    /// One of several scenes is wanted, and the reader does not say where it draws them.
    case unplacedScenes(count: Int)
    /// Pixels that cannot be decoded.
    case corrupt(String)
    /// A read outside the image or of a level that is not there: OpenSlide would invent zeros without an error.
    case outside(String)
    case mppMissing(hint: String?)
    case mppImplausible(x: Double, y: Double, source: MPPSource)
    case upsampling(slideMPP: Double, targetMPP: Double)
    case tooManyPatches(limit: Int)
    /// Not glass in transmitted light, where tissue is found by its colour.
    case darkBackground(brightness: Int)
    /// Outlines that have nothing to do with the slide.
    case regions(String)
    case encoding(String)

    public var code: ErrorCode {
        switch self {
        case .notFound: .notFound
        case .unreadable, .unopened, .notRegular: .slideOpen
        case .refused: .slideFormat
        case .system(_, _, let errno): ErrorCode(errno: errno)
        case .unsteady: .io
        case .geometry, .scene, .unplacedScenes: .slideGeometry
        case .corrupt: .slideCorrupt
        case .outside, .encoding: .bug
        case .mppMissing: .mppMissing
        case .mppImplausible: .mppImplausible
        case .upsampling: .upsampling
        case .tooManyPatches: .tooManyPatches
        case .darkBackground: .darkBackground
        case .regions: .regions
        }
    }

    public var message: String {
        switch self {
        case .notFound(let file):
            "no file \(file), or a link that leads nowhere; check the path and that its disk is mounted"
        case .unreadable(let file, let bytes, let reason):
            "not a readable slide: \(reason) (\(file), \(bytes) bytes); re-copy it from its source"
        case .unopened(let file, let bytes, let reason):
            "not a readable slide: \(reason) (\(file), \(bytes) bytes); compare it with its source, and where both are alike "
                + "export it with its scanner's software as SVS, DICOM or a tiled pyramid in TIFF"
        case .refused(let what, let wayOut): "\(what); \(wayOut)"
        case .notRegular(let file, let reason): "not a readable slide: \(reason) (\(file)); put the slide's file there"
        case .system(let file, let call, let errno):
            ErrorCode(errno: errno) == .access
                ? "\(call): \(String(cString: strerror(errno))) (\(file)); give the right to read it"
                : "\(call): \(String(cString: strerror(errno))) (\(file)); the machine failed, which says nothing of the slide: run the "
                    + "command again, and look at the disk where it stays"
        case .unsteady(let file, let what):
            "\(what) (\(file)); its disk failed for a moment, or the file is being written: run the command again"
        case .geometry(let what):
            "impossible geometry: \(what); export the slide again, or convert it to a tiled pyramid"
        case .scene(let wanted, let count):
            count == 0
                ? "scene \(wanted) is wanted of a slide that says of no scenes; leave out --scene, or the slide"
                : "scene \(wanted) is wanted of a slide with \(count == 1 ? "one" : "\(count)"); give the number of one that it has, "
                    + "or leave out the slide"
        case .unplacedScenes(let count):
            "a scene is wanted of a slide whose \(count == 1 ? "area" : "\(count) areas") OpenSlide draws where it does not say; leave out "
                + "--scene, which tiles all of them, or give regions by --regions"
        case .corrupt(let what):
            "\(what); compare the file with its source: where they differ copy it again, else export the slide again"
        case .outside(let what): "a read outside the slide: \(what)"
        case .mppMissing(let hint):
            "the slide does not say its µm per pixel\(hint.map { " (\($0))" } ?? ""); give it with "
                + "--slide-mpp 0.5, or for single slides by lines ID,0.5 below the line slide_id,mpp in the table of --mpp-csv"
        case .mppImplausible(let x, let y, let source):
            "\(Self.short(x)) × \(Self.short(y)) µm per pixel (\(source.words)) is not plausible: \(Self.plausible) µm and square pixels within 2 % are "
                + "wanted; give the right value with --slide-mpp or --mpp-csv"
        case .upsampling(let slideMPP, let targetMPP):
            "the slide has \(Self.short(slideMPP)) µm per pixel, patches at \(targetMPP) µm would be invented detail; "
                + "ask for tiling.mpp \(Self.short(slideMPP)) or coarser, or allow it with --allow-upsampling"
        case .tooManyPatches(let limit):
            "more than \(limit) patches; use larger patches, a coarser tiling.mpp, or raise --max-patches"
        case .darkBackground(let brightness):
            "the background is dark (median brightness \(brightness) of 255), as in fluorescence; accept such slides with "
                + "--dark-background, which finds tissue by its brightness"
        case .regions(let what): "\(what); look at the file and at --origin"
        case .encoding(let what): "a picture cannot be encoded: \(what)"
        }
    }

    private static var plausible: String {
        let range = TilingConfig.plausibleMPP
        return "\(range.lowerBound) to \(Int(range.upperBound))"
    }

    private static func short(_ mpp: Double) -> Double { SlideScale.short(mpp) }
}

extension MPPSource {
    /// For messages and tables.
    public var words: String {
        switch self {
        case .option: "given as an option"
        case .table: "given in a table"
        case .property: "from the slide's properties"
        case .ome: "from the PhysicalSize of OME-XML"
        case .tiffCentimetre: "from the TIFF resolution per centimetre"
        case .tiffInch: "from the TIFF resolution per inch"
        }
    }
}
