import Foundation
import Messages
import Storage

/// What a reading process sends to the encoder: a header, batches, the end and the kept rows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fatalError("no socket pair") }
    // What does not fit into the socket's buffer would wait for a reader; so much is enough.
    _ = send(ends[0], bytes, min(count, 64 << 10), Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    close(ends[0])
    let channel = PixelChannel(descriptor: ends[1])
    defer { channel.close() }
    do {
        _ = try channel.receive(PixelHeader.self)
        var pixels: [UInt8] = []
        while try channel.receive(bytesPerRow: 8 * 8 * 3, pixels: &pixels) > 0 {}
        _ = try channel.receive([Int].self)
    } catch {}
    return 0
}
