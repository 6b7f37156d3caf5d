import Imaging
public import Messages
public import Records
import Slides
import Storage

/// What a worker for viewing does: it opens a slide, answers with its `TilePyramid`, and then with the image that each
/// `ViewQuestion` asks for, until its stdin ends. What it cannot do is a `Failure`; it goes on unless the slide could not be opened.
public struct ViewTask: Codable, Sendable {
    public var slidePath: String
    /// With which the slide was tiled.
    public var rules = ReadingRules()
}

/// A piece of a slide that is wanted as JPEG.
enum ViewQuestion: Codable, Sendable {
    case tile(TileAddress)
    /// A patch of so many level-0 pixels at that corner, small.
    case patch(x: Int, y: Int, side: Int)

    /// Pixels of a small patch.
    static let patchSide = 96
    /// A worker that announces a longer answer is out of its mind.
    static let longestAnswer = 16 << 20
}

extension ViewTask {
    /// Answers until `next` has no more frames.
    /// - Throws: where an answer cannot be sent, or a frame is no question.
    public func serve(next: () throws -> Frame?, answer: (Frame) throws -> Void) throws {
        func failed(_ error: any Error) throws { try answer(Frame(.failure, Failure(error))) }
        let slide: Slide
        do { slide = try Slide(path: slidePath, rules: rules) } catch { return try failed(error) }
        let tiles = ViewTiles(of: slide)
        try answer(Frame(.answer, tiles.pyramid))
        while let frame = try next() {
            let question = try frame.value(ViewQuestion.self, of: .question)
            do {
                let image = try Self.image(question, tiles, slide)
                try answer(Frame(.image, JPEGFile.encode(image, quality: 88)))
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
