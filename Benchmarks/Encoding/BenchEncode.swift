import Config
import Encoders
import Foundation
import Records
import Storage
import Texture
import Torch

/// The program's side of `make bench-encode`: encodes the same patches again and again as its peer asks.
///
/// `bench-encode PATCHES SIDE MANIFEST…`: PATCHES holds RGB bytes of whole patches. Each line of standard input names what to
/// run, `texture` or `<place of a manifest> <bf16|fp32>`; each line of output is the CPU seconds that all patches took, or
/// `null` for a precision that the processor does not have. One thread.
@main
enum BenchEncode {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, let side = Int(arguments[2]) else {
            throw Failure(.usage, nil, "usage: bench-encode PATCHES SIDE MANIFEST…; it is started by Benchmarks/encode")
        }
        let pixels = [UInt8](try Data(contentsOf: URL(filePath: arguments[1])))
        let count = pixels.count / (3 * side * side)
        try LibTorch.setThreads(1)
        let manifests = try arguments[3...].map { try EncoderManifest(contentsOf: URL(filePath: $0)) }
        var encoders: [String: FrozenEncoder] = [:]
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            var seconds: Double?
            if words == ["texture"] {
                seconds = timed { _ = HETexture.features(ofPatches: pixels, count: count, side: side) }
            } else if words.count == 2, let place = Int(words[0]), manifests.indices.contains(place),
                let precision = Precision(rawValue: words[1])
            {
                if try precision == .fp32 || LibTorch.canPack(.bfloat16) {
                    let encoder =
                        try encoders[line]
                        ?? FrozenEncoder(
                            manifests[place],
                            trustedBy: TrustStore(),
                            precision: precision
                        )
                    encoders[line] = encoder
                    seconds = try timed {
                        _ = try pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: count, side: side) }
                    }
                }
            } else {
                throw Failure(.usage, line, "no such request")
            }
            print(seconds.map { "\($0)" } ?? "null")
            fflush(nil)
        }
    }

    /// CPU seconds of this process that `body` takes.
    private static func timed(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        try body()
        return now() - start
    }
}
