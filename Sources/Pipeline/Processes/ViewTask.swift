import Files
public import Foundation
import Imaging
import Records
import Slides
import Storage

/// What a worker for viewing does: it opens a slide, says its `TilePyramid`, and then cuts what each `ViewQuestion` asks for that
/// it reads, a line of JSON each, until its stdin ends.
public struct ViewTask: Codable, Sendable {
    public var slidePath: String
}

/// A piece of a slide that is wanted as JPEG.
enum ViewQuestion: Codable, Sendable {
    case tile(TileAddress)
    /// A patch of so many level-0 pixels at that corner, small.
    case patch(x: Int, y: Int, side: Int)

    /// Pixels of a small patch.
    static let patchSide = 96
}

/// One answer of a worker for viewing: a kind, the length of what follows as 4 bytes, the most significant first, and that.
enum ViewReply {
    /// `TilePyramid` as JSON: the slide is open.
    case pyramid(Data)
    /// A tile or a patch as JPEG.
    case tile(Data)
    /// A `Failure` as JSON; the worker goes on unless the slide could not be opened.
    case failure(Data)

    static let headLength = 5
    /// A worker that announces more is out of its mind.
    static let largest = 16 << 20

    var bytes: Data {
        let (kind, content): (UInt8, Data) =
            switch self {
            case .pyramid(let content): (0, content)
            case .tile(let content): (1, content)
            case .failure(let content): (2, content)
            }
        let length = UInt32(clamping: content.count)
        return Data([kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }) + content
    }

    /// nil for a kind that does not exist.
    init?(kind: UInt8, _ content: Data) {
        switch kind {
        case 0: self = .pyramid(content)
        case 1: self = .tile(content)
        case 2: self = .failure(content)
        default: return nil
        }
    }

    static func length(ofHead head: some Sequence<UInt8>) -> Int {
        head.dropFirst().reduce(0) { $0 << 8 | Int($1) }
    }
}

extension ViewTask {
    /// Answers until `next` has no more lines.
    /// - Throws: where an answer cannot be written, or a request is no question.
    public func serve(next: () -> String?, reply: (Data) throws -> Void) throws {
        func failed(_ error: any Error) throws {
            try reply(ViewReply.failure(CanonicalJSON.line(Failure(error))).bytes)
        }
        let slide: Slide
        do { slide = try Slide(path: slidePath) } catch { return try failed(error) }
        let tiles = ViewTiles(of: slide)
        try reply(ViewReply.pyramid(CanonicalJSON.line(tiles.pyramid)).bytes)
        while let line = next() {
            let question = try JSONDecoder().decode(ViewQuestion.self, from: Data(line.utf8))
            do {
                let image = try Self.image(question, tiles, slide)
                try reply(ViewReply.tile(JPEGFile.encode(image, quality: 88)).bytes)
            } catch let error as any ReportableError { try failed(error) }
        }
    }

    private static func image(_ question: ViewQuestion, _ tiles: ViewTiles, _ slide: Slide) throws -> RGBImage {
        switch question {
        case .tile(let address): return try tiles.tile(address)
        case .patch(let x, let y, let side):
            let patch = try slide.patch(at: PixelPoint(x: x, y: y), side: side)
            return patch.resized(width: ViewQuestion.patchSide, height: ViewQuestion.patchSide)
        }
    }
}
