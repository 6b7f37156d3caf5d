/// The release of this program and of the one beside it; written into every output.
public enum Release {
    public static let version = "0.1.0"
}
