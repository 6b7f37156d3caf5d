import Files
public import Foundation
import Records

/// What people have in the place of weights that can be read, told from the first bytes of the file.
public enum ForeignWeights: Equatable, Sendable {
    public enum Format: String, CaseIterable, Sendable {
        case onnx = "ONNX"
        case openVINO = "OpenVINO"
        case tensorFlowLite = "TensorFlow Lite"
        /// Also other HDF5.
        case keras = "Keras' HDF5"
        case gguf = "GGUF"

        /// What the format's files are called, in lower case.
        public var endings: [String] {
            switch self {
            case .onnx: ["onnx"]
            case .openVINO: ["xml"]
            case .tensorFlowLite: ["tflite"]
            case .keras: ["h5", "hdf5", "keras"]
            case .gguf: ["gguf"]
            }
        }
    }

    case format(Format)
    case empty
    /// Of Git LFS.
    case pointer
    /// HTML or XML that a server gave.
    case page
    /// Words that a server gave; the first line.
    case text(String)

    /// How many first bytes are looked at.
    public static let look = 512
    /// Longer files of text are no server's words.
    private static let longestText = 65_536

    /// - Parameters:
    ///   - data: the file, or its first `look` bytes.
    ///   - count: bytes of the file.
    /// - Returns: nil for anything else.
    public init?(_ data: Data, count: Int) {
        guard count > 0 else {
            self = .empty
            return
        }
        let head = Array(data.prefix(Self.look))
        if let format = Format.allCases.first(where: { $0.begins(head) }) {
            self = .format(format)
            return
        }
        guard let text = Self.text(head) else { return nil }
        let start = text.prefix(64).lowercased()
        if start.hasPrefix("version https://git-lfs") {
            self = .pointer
        } else if ["<!doctype", "<html", "<?xml"].contains(where: start.hasPrefix) {
            self = .page
        } else if count > Self.longestText {
            return nil
        } else {
            let line = text.prefix { !$0.isNewline }
            self = .text(ShownText.line(line.count > 60 ? "\(line.prefix(60))…" : String(line)))
        }
    }

    /// Of a file on disk; nil also where it cannot be read.
    public init?(contentsOf url: URL) {
        guard let data = try? RegularFile.data(url, options: .alwaysMapped) else { return nil }
        self.init(data, count: data.count)
    }

    /// The printable text that the bytes begin; nil for others.
    private static func text(_ head: [UInt8]) -> Substring? {
        guard head.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else {
            return nil
        }
        // The look may end inside of a letter.
        guard let text = (0..<4).lazy.compactMap({ String(bytes: head.dropLast($0), encoding: .utf8) }).first else {
            return nil
        }
        return text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    }

    /// What the file is and what to do.
    public var refusal: String {
        let again = "download the file itself, logged in where the model asks for that"
        return switch self {
        case .format(let format): format.refusal
        case .empty: "the file is empty; download it again"
        case .pointer: "a pointer of Git LFS, not the weights; get them with git lfs pull"
        case .page: "a web page, not the weights; \(again)"
        case .text(let line): "text, not weights: '\(line)'; \(again)"
        }
    }
}

extension ForeignWeights.Format {
    public var refusal: String {
        "\(rawValue) is not read; download the model's safetensors or pytorch_model.bin, or load it in PyTorch and save it "
            + "with torch.jit.trace and torch.jit.save"
    }

    fileprivate func begins(_ head: [UInt8]) -> Bool {
        switch self {
        case .onnx: Self.isONNX(head)
        case .openVINO:
            head.starts(with: Array("<?xml".utf8))
                && String(decoding: head, as: UTF8.self).contains(/<net\s[^>]*name=/)
        case .tensorFlowLite: head.dropFirst(4).starts(with: Array("TFL3".utf8))
        case .keras: head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
        case .gguf: head.starts(with: Array("GGUF".utf8))
        }
    }

    /// A ModelProto begins with its field 1, the version of the format, as a small number; then comes its maker (2, 3), its
    /// domain (4), its version (5), words (6), the graph (7) or the sets of operators (8).
    private static func isONNX(_ head: [UInt8]) -> Bool {
        guard head.count > 8, head[0] == 0x08, (1...31).contains(head[1]) else { return false }
        // The length of a safetensors header may look so; it ends in zeros, and an object follows.
        if head[4..<8].allSatisfy({ $0 == 0 }) { return false }
        return [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42].contains(head[2])
    }
}
