import Files
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The pixels of one slide on their way from a reading worker to `wsi-compute`, over a Unix socket.
///
/// A slide is: the header (a question), batches of patches (pixels), an empty batch, the kept rows (a word), and the answers of its
/// encoders back. The socket's buffer is the back pressure: a worker reads ahead of the encoder by what fits into it, and by
/// the batches that wait there.
public struct PixelChannel: Sendable {
    let descriptor: Int32

    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// Connects to a listening `wsi-compute`.
    public init(connectingTo path: String) throws {
        descriptor = try Self.socket(at: path) { descriptor, address, length in connect(descriptor, address, length) }
    }

    /// Listens on a new socket that only this user may connect to.
    public static func listen(at path: String) throws -> Int32 {
        let mask = umask(0o077)
        defer { umask(mask) }
        let descriptor = try socket(at: path) { descriptor, address, length in bind(descriptor, address, length) }
        guard Glibc.listen(descriptor, 64) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw StorageError.system(path: path, call: "listen", errno: code)
        }
        return descriptor
    }

    public static func accept(on listener: Int32) throws -> PixelChannel {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 { return PixelChannel(descriptor: descriptor) }
            guard errno == EINTR else { throw StorageError.system(path: "socket", call: "accept", errno: errno) }
        }
    }

    public func close() { _ = Glibc.close(descriptor) }

    /// Says hello, and waits for that of the other side.
    /// - Throws: `Failure` (usage) where it is of another build.
    public func meet(_ peer: String) throws {
        try Frame.hello.withUnsafeBytes { try send($0) }
        let head = try receiveHead(.hello, limit: Self.longestMessage)
        try Frame(.hello, receiveContent(of: head)).checkHello(of: peer)
    }

    public func send(_ value: some Encodable, as kind: Frame.Kind) throws {
        try Frame(kind, value).encoded().withUnsafeBytes { try send($0) }
    }

    public func receive<Value: Decodable>(_ type: Value.Type, as kind: Frame.Kind) throws -> Value {
        let head = try receiveHead(kind, limit: Self.longestMessage)
        return try JSONDecoder().decode(type, from: receiveContent(of: head))
    }

    /// Sends a batch of patches; none ends the slide.
    public func send(pixels: UnsafeRawBufferPointer) throws {
        let head = try Frame.Head(kind: .pixels, count: pixels.count).bytes()
        try head.withUnsafeBytes { try send($0) }
        try send(pixels)
        try withUnsafeBytes(of: Frame.Head.end) { try send($0) }
    }

    /// Receives one batch into `pixels`, which is resized to fit; returns its row count, 0 at the end of the slide.
    public func receive(bytesPerRow: Int, pixels: inout [UInt8]) throws -> Int {
        let head = try receiveHead(.pixels, limit: Frame.longest)
        let (rows, rest) = head.count.quotientAndRemainder(dividingBy: bytesPerRow)
        guard rest == 0 else {
            let reason = "a batch of \(head.count) bytes, which is no number of patches"
            throw StorageError.malformed(path: "socket", reason: reason)
        }
        if pixels.count != head.count { pixels = [UInt8](repeating: 0, count: head.count) }
        try pixels.withUnsafeMutableBytes { try receive(into: $0) }
        try receiveEnd()
        return rows
    }

    /// Without the signal that a plain `write` raises where the other side is gone: that is one slide's failure, and the
    /// encoder's process goes on with the others.
    private func send(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let start = bytes.baseAddress?.advanced(by: done)
            let count = Glibc.send(descriptor, start, bytes.count - done, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw StorageError.system(path: "socket", call: "send", errno: errno)
            }
        }
    }

    private func receiveHead(_ kind: Frame.Kind, limit: Int) throws -> Frame.Head {
        var bytes = [UInt8](repeating: 0, count: Frame.Head.length)
        try bytes.withUnsafeMutableBytes { try receive(into: $0) }
        guard let head = Frame.Head(bytes[...]) else {
            throw StorageError.malformed(path: "socket", reason: "bytes that are no frame")
        }
        try head.check(is: kind, path: "socket")
        try head.check(limit: limit, path: "socket")
        return head
    }

    private func receiveContent(of head: Frame.Head) throws -> Data {
        var data = Data(count: head.count)
        try data.withUnsafeMutableBytes { try receive(into: $0) }
        try receiveEnd()
        return data
    }

    private func receiveEnd() throws {
        var end: UInt8 = 0
        try withUnsafeMutableBytes(of: &end) { try receive(into: $0) }
        guard end == Frame.Head.end else {
            throw StorageError.malformed(path: "socket", reason: "a frame that does not end where it says")
        }
    }

    /// Beside the pixels only paths, attributes and the numbers of rows are said.
    private static let longestMessage = 64 << 20

    private func receive(into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count {
            let count = read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            if count > 0 {
                done += count
            } else if count == 0 {
                throw StorageError.system(path: "socket", call: "read", errno: ECONNRESET)
            } else if errno != EINTR {
                throw StorageError.system(path: "socket", call: "read", errno: errno)
            }
        }
    }

    private static func socket(
        at path: String,
        _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An address has room for little; the folder of a longer path is named by a descriptor.
        let url = URL(filePath: path)
        let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StorageError.system(path: path, call: "open", errno: errno) }
        defer { _ = Glibc.close(folder) }
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let name = path.utf8.count < room ? path : "/proc/self/fd/\(folder)/\(url.lastPathComponent)"
        guard name.utf8.count < room else {
            throw StorageError.malformed(path: path, reason: "the socket's name is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StorageError.system(path: path, call: "socket", errno: errno) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw StorageError.system(path: path, call: "socket", errno: code)
        }
        return descriptor
    }
}
