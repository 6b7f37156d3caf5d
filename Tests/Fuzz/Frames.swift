import Foundation
import Messages
import Storage

/// What a reading process sends to the encoder: its hello, a header, batches, the end and the kept rows. The same bytes are taken
/// for what a process says on its stdout.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    hear(UnsafeRawBufferPointer(start: bytes, count: count))
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fatalError("no socket pair") }
    // What does not fit into the socket's buffer would wait for a reader; so much is enough.
    _ = send(ends[0], bytes, min(count, 64 << 10), Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    shutdown(ends[0], Int32(SHUT_WR))
    defer { close(ends[0]) }
    let channel = PixelChannel(descriptor: ends[1])
    defer { channel.close() }
    do {
        try channel.meet("peer")
        _ = try channel.receive(PixelHeader.self, as: .question)
        var pixels: [UInt8] = []
        while try channel.receive(bytesPerRow: 8 * 8 * 3, pixels: &pixels) > 0 {}
        _ = try channel.receive([Int].self, as: .word)
    } catch {}
    return 0
}

/// In pieces, whose size the first byte says.
private func hear(_ bytes: UnsafeRawBufferPointer) {
    for skipsText in [false, true] {
        var heard = FrameDecoder(from: "peer", limit: 16 << 20, skipsText: skipsText)
        var left = bytes[...]
        do {
            while !left.isEmpty {
                let piece = left.prefix(1 + Int(bytes[0]))
                heard.add(UnsafeRawBufferPointer(rebasing: piece))
                left = left.dropFirst(piece.count)
                while let frame = try heard.next() { _ = try? frame.value([Int].self, of: .word) }
            }
        } catch {}
    }
}
