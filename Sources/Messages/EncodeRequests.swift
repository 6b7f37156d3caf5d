public import Config
public import Foundation
public import Records

/// The request of `wsi-compute encode`, one line of JSON on its stdin.
public struct EncodeRequest: Codable, Sendable {
    public struct Encoder: Codable, Sendable {
        /// The encoder's JSON.
        public var manifest: String
        public var precision: Precision

        public init(manifest: String, precision: Precision) {
            self.manifest = manifest
            self.precision = precision
        }
    }

    public var encoders: [Encoder]
    /// The Unix socket to listen on.
    public var socket: String
    /// Slides that are encoded at a time, each by one thread.
    public var threads: Int
    /// `auto`, `cpu` or `cuda`.
    public var device: String

    public init(encoders: [Encoder], socket: String, threads: Int, device: String) {
        self.encoders = encoders
        self.socket = socket
        self.threads = threads
        self.device = device
    }
}

/// The first message of a slide: what is coming and where its features go.
public struct PixelHeader: Codable, Sendable {
    /// The features by one encoder.
    public struct Output: Codable, Sendable {
        /// The encoder's place in the request.
        public var place: Int
        public var features: URL
        /// Root attributes of the feature file.
        public var attributes: [String: String]

        public init(_ place: Int, _ features: URL, attributes: [String: String]) {
            self.place = place
            self.features = features
            self.attributes = attributes
        }
    }

    /// The slide's patch file; its rows are what follows, in order.
    public var patches: URL
    public var outputs: [Output]

    public init(patches: URL, outputs: [Output]) {
        self.patches = patches
        self.outputs = outputs
    }
}

/// What became of a slide's features by one encoder.
public enum EncodeAnswer: Codable, Sendable {
    case written
    case failed(Failure)
}

/// The request of `wsi-compute check`: an encoder's golden patch. The result's figures are `difference` and `cosine`
/// (`GoldenCheck`), and `bf16`, 1 where it was computed in that.
public struct EncoderCheckRequest: Codable, Sendable {
    /// The encoder's JSON.
    public var manifest: String
    public var device: String
    public var precision: Precision

    public init(manifest: String, device: String, precision: Precision) {
        self.manifest = manifest
        self.device = device
        self.precision = precision
    }
}

/// The request of `wsi-compute engine`: what `auto` means on this machine for networks that are built natively. The
/// result's figures are `cuda` and `bf16`, each 0 or 1.
public struct EngineRequest: Codable, Sendable {
    public var device: String
    public var precision: Precision

    public init(device: String, precision: Precision) {
        self.device = device
        self.precision = precision
    }
}
