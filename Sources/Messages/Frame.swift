import Files
public import Foundation
public import Records

/// One message between two processes of this program.
///
/// On its way it is a head of 18 bytes, the content, and a line feed. The head is text: the kind, filled up with blanks to 8
/// letters, a blank, the content's length as 8 hexadecimal digits, a line feed. So a person and a shell can read a channel, and what
/// a library prints into it is told from frames.
///
/// The first frame of a channel, in each direction, is a hello; its form stays for ever, so that programs of any two builds that
/// have it understand that they do not fit. All else may change with `version`.
public struct Frame: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Which version of the messages its sender speaks.
        case hello
        /// What is asked, as JSON.
        case question
        /// Something that is said on the way to the answer, as JSON.
        case word
        /// What was asked for, as JSON.
        case answer
        /// A `Failure` in place of an answer, as JSON.
        case failure
        /// RGB of patches, one after the other.
        case pixels
        /// A JPEG.
        case image
    }

    /// Of all messages: to be raised with every change that an older program would take for something else.
    public static let version = 1

    /// No content is longer: requests and answers name every slide of a cohort, which is some 100 MB of a million.
    public static let longest = 1 << 30

    public var kind: Kind
    public var content: Data

    public init(_ kind: Kind, _ content: Data) {
        self.kind = kind
        self.content = content
    }

    public init(_ kind: Kind, _ value: some Encodable) throws {
        self.init(kind, try CanonicalJSON.line(value))
    }

    /// As it goes over a channel.
    /// - Throws: `StorageError` where the content is too long.
    public func encoded() throws -> Data {
        try Data(Head(kind: kind, count: content.count).bytes()) + content + [Head.end]
    }

    /// The content of a frame that has to be of a kind.
    /// - Throws: `StorageError` for another kind; what the type itself refuses; `Failure` for JSON of something else.
    public func value<Value: Decodable>(_ type: Value.Type, of kind: Kind) throws -> Value {
        try Head(kind: self.kind, count: content.count).check(is: kind)
        do { return try JSONDecoder().decode(type, from: content) } catch let error as any ReportableError {
            throw error
        } catch { throw Failure(.usage, nil, "the \(kind) is no \(type): \(error)") }
    }
}

extension Frame {
    /// What a process says of itself first.
    private struct Hello: Codable {
        /// `Frame.version`.
        var version: Int
        /// `Release.version`, for words only.
        var release: String
    }

    /// The first frame, as it goes over a channel.
    public static let hello = Data(
        "hello    \(hex(ofHello.utf8.count))\n\(ofHello)\n".utf8
    )

    private static let ofHello = #"{"release":"\#(Release.version)","version":\#(version)}"#

    private static func hex(_ count: Int) -> String {
        let digits = String(count, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Of the first frame that another process has sent.
    /// - Parameter peer: the other program, for messages.
    /// - Throws: `Failure` (usage) where it speaks another version.
    func checkHello(of peer: String) throws {
        guard kind == .hello, let hello = try? JSONDecoder().decode(Hello.self, from: content) else {
            throw Self.otherBuild(peer)
        }
        guard hello.version == Self.version else { throw Self.otherBuild(peer, hello) }
    }

    /// Why nothing is asked of a program that speaks another version, or does not say which.
    public static func otherBuild(_ peer: String) -> Failure { otherBuild(peer, nil) }

    private static func otherBuild(_ peer: String, _ hello: Hello?) -> Failure {
        let theirs =
            hello.map { "release \($0.release), messages of version \($0.version)" } ?? "it does not say of which"
        return Failure(
            .usage,
            peer,
            "of another build than this program (\(theirs); here release \(Release.version), version \(version)); install wsi "
                + "and wsi-compute from one build; where they were replaced just now, run the same command again"
        )
    }
}

extension Frame {
    /// What stands before a frame's content.
    public struct Head: Equatable, Sendable {
        public static let length = 18
        /// What stands after the content.
        static let end = UInt8(ascii: "\n")
        private static let kindLength = 8

        public var kind: Kind
        /// Bytes of the content.
        public var count: Int

        public init(kind: Kind, count: Int) {
            self.kind = kind
            self.count = count
        }

        /// nil for bytes that are no head. The length is what they say, however long.
        /// - Precondition: there are `length` of them.
        init?(_ bytes: ArraySlice<UInt8>) {
            let name = bytes.prefix(Self.kindLength)
            guard bytes.last == Self.end, bytes[bytes.startIndex + Self.kindLength] == UInt8(ascii: " "),
                let kind = Kind.allCases.first(where: { $0.letters == Array(name) })
            else { return nil }
            var count = 0
            for digit in bytes.dropFirst(Self.kindLength + 1).dropLast() {
                switch digit {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): count = count << 4 | Int(digit - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): count = count << 4 | Int(digit - UInt8(ascii: "a") + 10)
                default: return nil
                }
            }
            self.init(kind: kind, count: count)
        }

        /// - Throws: `StorageError` for a content that is too long.
        public func bytes() throws -> [UInt8] {
            try check(limit: Frame.longest)
            return kind.letters + Array(" \(Frame.hex(count))\n".utf8)
        }

        /// - Throws: `StorageError` for a content that is longer than that.
        func check(limit: Int, path: String = "channel") throws {
            guard count <= limit else {
                let what = kind == .pixels ? "batch" : "message"
                throw StorageError.malformed(path: path, reason: "a \(what) of \(count) bytes")
            }
        }

        /// - Throws: `StorageError` for another kind.
        func check(is wanted: Kind, path: String = "channel") throws {
            guard kind == wanted else {
                throw StorageError.malformed(path: path, reason: "a frame '\(kind)' where '\(wanted)' is wanted")
            }
        }
    }
}

extension Frame.Kind {
    /// Filled up with blanks to 8.
    fileprivate var letters: [UInt8] {
        let name = Array(rawValue.utf8)
        return name + Array(repeating: UInt8(ascii: " "), count: 8 - name.count)
    }
}
