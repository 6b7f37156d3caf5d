import Foundation
public import Records

/// An encoder that cannot be used, or a result that must not be kept.
public enum EncoderError: ReportableError, Equatable {
    /// Bytes other than those that the manifest names.
    case digest(path: String, found: String, wanted: String)
    /// The user has not agreed to run this file.
    case untrusted(path: String, digest: String)
    /// Weights that are not what the manifest says they are, or that LibTorch or this program refuses.
    case unsuitable(path: String, reason: String)
    /// The encoder gave something other than [count, dim].
    case output(name: String, found: [Int], wanted: [Int])
    /// The golden patch gave other features than those that came with the encoder (`GoldenCheck`).
    case check(name: String, difference: Double, cosine: Double)
    /// A feature that is NaN or infinite; `patch` counts from 0 within the batch.
    case nonFinite(name: String, patch: Int)
    /// LibTorch failed while encoding.
    case failed(name: String, reason: String)
    /// The caller's bytes are not `count` patches of `side`.
    case pixels(found: Int, count: Int, side: Int)

    public var code: ErrorCode {
        switch self {
        case .digest: .digest
        case .untrusted: .untrusted
        case .unsuitable, .output, .check: .encoder
        case .nonFinite: .nonFinite
        // That memory ran out is the machine's fault, whichever allocator says it.
        case .failed(_, let reason):
            reason.contains(/can't allocate memory|[Nn]ot enough memory|out of memory|bad_alloc/) ? .io : .torch
        case .pixels: .bug
        }
    }

    public var subject: String? {
        switch self {
        case .digest(let path, _, _), .untrusted(let path, _), .unsuitable(let path, _): path
        case .output(let name, _, _), .check(let name, _, _), .nonFinite(let name, _), .failed(let name, _): name
        case .pixels: nil
        }
    }

    public var message: String {
        switch self {
        case .digest(_, let found, let wanted):
            "the file's sha256 is \(found), the manifest says \(wanted); fetch the weights again or correct the manifest"
        case .untrusted(let path, let digest):
            "a TorchScript file is a program, and this one (sha256 \(digest)) is not trusted yet; "
                + "if you know where it comes from, run: wsi encoder trust \(path)"
        case .unsuitable(_, let reason): reason
        case .output(_, let found, let wanted):
            "the encoder returned a tensor of shape \(found), \(wanted) is wanted; correct 'dim' in the manifest or export "
                + "the model without its head"
        case .check(_, let difference, let cosine):
            String(
                format:
                    "the golden patch gave features that differ by %.2g of the largest (cosine %.5f) from those that "
                    + "came with the encoder; ",
                difference,
                cosine
            )
                + "correct 'architecture', 'mean', 'std' or 'interpolation' in the encoder's JSON, or export it again"
        case .nonFinite(_, let patch): "patch \(patch) of the batch gave a feature that is no finite number"
        case .failed(_, let reason): reason
        case .pixels(let found, let count, let side):
            "\(found) bytes are not \(count) patches of \(side) × \(side) RGB pixels"
        }
    }
}

/// LibTorch's messages span lines; an error is one line.
func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
