import Files
import Foundation

/// Takes frames out of the bytes of a channel, which come in pieces of any size. The first frame is the other side's hello, which is
/// checked and not handed on.
public struct FrameDecoder: Sendable {
    private let peer: String
    private let limit: Int
    private let skipsText: Bool
    private var bytes: [UInt8] = []
    /// Of what was not taken yet.
    private var start = 0
    /// Whether a line is being skipped.
    private var isInText = false
    /// Whether the other side has said hello in our version.
    public private(set) var isGreeted = false

    /// - Parameters:
    ///   - peer: the program that sends, for messages.
    ///   - limit: a sender that announces more is out of its mind.
    ///   - skipsText: whether lines that are no frames are left out: those that a library has printed before the program took its
    ///     stdout for itself. Without it they are refused.
    public init(from peer: String, limit: Int = Frame.longest, skipsText: Bool = false) {
        self.peer = peer
        self.limit = limit
        self.skipsText = skipsText
    }

    public mutating func add(_ piece: UnsafeRawBufferPointer) {
        bytes.removeFirst(start)
        start = 0
        bytes.append(contentsOf: piece)
    }

    /// nil where more bytes have to come first.
    /// - Throws: `Failure` (usage) where the other side speaks another version, or none; `StorageError` for what is no frame. Nothing
    ///   that comes after it can be understood.
    public mutating func next() throws -> Frame? {
        while let frame = try take() {
            if isGreeted { return frame }
            try frame.checkHello(of: peer)
            isGreeted = true
        }
        return nil
    }

    private mutating func take() throws -> Frame? {
        guard let head = try head() else { return nil }
        try head.check(limit: limit)
        let (body, end) = (start + Frame.Head.length, start + Frame.Head.length + head.count)
        guard bytes.count > end else { return nil }
        guard bytes[end] == Frame.Head.end else {
            throw StorageError.malformed(path: "channel", reason: "a frame that does not end where it says")
        }
        start = end + 1
        return Frame(head.kind, Data(bytes[body..<end]))
    }

    /// The next frame's, once all of it is there.
    private mutating func head() throws -> Frame.Head? {
        while true {
            if isInText {
                guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                    start = bytes.count
                    return nil
                }
                (start, isInText) = (end + 1, false)
            }
            // A head begins with a letter: so much is known at once, and a sender of another form need not say more.
            let isWhole = bytes.count - start >= Frame.Head.length
            guard isWhole || bytes.count > start && !skipsText && !Self.letters.contains(bytes[start]) else {
                return nil
            }
            if isWhole, let head = Frame.Head(bytes[start..<start + Frame.Head.length]) { return head }
            guard skipsText else { throw noFrame }
            isInText = true
        }
    }

    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

    private var noFrame: any Error {
        isGreeted ? StorageError.malformed(path: "channel", reason: "bytes that are no frame") : Frame.otherBuild(peer)
    }
}
