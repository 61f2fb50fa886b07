"""Assignments: the same secrets in every way of writing that people use, found whole and without their quotes."""

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.operations.redact.detect.assignments import assignments

_RANDOM = random.Random(11)
TOKENS = ["".join(_RANDOM.choices(string.ascii_letters + string.digits, k=size)) for size in (20, 24, 32, 40)]
PASSWORDS = ["Zanzibar-9lives!", "kiwi_Tr4ctor#55", "mY.dog8ate", "Blau7Wal$Fisch", "q9!Lm#zz", "inter-Planet-9q"]

OF_TOKENS = {
    "env": "A=1\nZORBLAT_TOKEN={}\nB=2\n",
    "env, exported and quoted": 'set -e\nexport QUIXO_SECRET="{}"\n',
    "env, with a comment": "KUMO_API_KEY='{}' # for tests",
    "yaml, quoted": 'kumo:\n  kumo_api_key: "{}"\n  port: 1\n',
    "yaml, name and value": '- name: "STRIPE_TOKEN"\n  value: "{}"\n',
    "toml": '[kumo]\nkumo_token = "{}"\n',
    "properties": "app.kumo.secret={}\n",
    "python, argument": "c = Kumo(api_key='{}', timeout=3)",
    "python, dict": "{{'secret': '{}', 'x': None}}",
    "python, typed": '    api_key: str = "{}"',
    "python, bytes": "hmac_key=b'{}'",
    "python, environment": "os.environ['ACME_TOKEN'] = '{}'",
    "javascript": "const o = {{clientSecret: '{}', b: 2}}",
    "javascript, header": "axios.defaults.headers['X-Auth-Token'] = '{}';",
    "javascript, template": "const apiToken = `{}`;",
    "typescript": "private readonly secretKey: string = '{}';",
    "ruby": "config.api_token = '{}'",
    "java, builder": '.apiKey("{}")',
    "java, property": 'System.setProperty("zor.secret", "{}");',
    "c#": 'options.ClientSecret = "{}";',
    "go": 'apiKey := "{}"',
    "go, header": 'req.Header.Set("X-Kumo-Key", "{}")',
    "php": "['api_key' => '{}']",
    "php, constant": "define('AUTH_KEY', '{}');",
    "r": 'api_key <- "{}"',
    "flag": "zor deploy --token {} --yes",
    "flag with a sign": "zor deploy --api-key={} --yes",
    "arguments": '["zor", "--secret-key", "{}"]',
    "curl, header": "curl -H 'X-Quixo-Token: {}' https://x.example",
    "curl, authorization": 'curl -H "Authorization: Bearer {}" https://x.example',
    "curl, form": "curl -d 'client_secret={}&a=1' https://x.example",
    ".npmrc": "registry=https://r.example/\n//r.example/:_authToken={}\n",
    ".pypirc": "[pypi]\nusername = __token__\npassword = {}\n",
    "azure": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x",
    "kubernetes": "kind: Secret\nmetadata:\n  name: x\ndata:\n  foo: {}\n",
    "html": '<input value="{}" type="hidden" name="csrf_token">',
    "html, without quotes": "<input type=hidden name=authenticity_token value={}>",
    "html, meta": '<meta name="csrf-token" content="{}">',
    "xml": "<cfg><ApiKey>{}</ApiKey></cfg>",
    "xml, setting": '<add key="ZorToken" value="{}"/>',
    "xml, cdata": "<token><![CDATA[{}]]></token>",
    "xml-rpc": "<member><name>api_key</name><value><string>{}</string></value></member>",
    "plist": "<key>ClientSecret</key>\n\t<string>{}</string>",
    "ws-security": '<wsse:BinarySecurityToken EncodingType="b">{}</wsse:BinarySecurityToken>',
    "headers": "POST / HTTP/1.1\r\nHost: x\r\nX-Ferret-Secret: {}\r\nAccept: */*\r\n",
    "headers of curl -v": "> GET / HTTP/1.1\n> Authorization: Bearer {}\n> Accept: */*",
    "headers, cookie": "Cookie: sessionid={}; theme=dark\r\n",
    "headers, pairs": '[["X-Api-Key", "{}"]]',
    "headers, tuples": "[('Authorization', 'Token {}')]",
    "powershell": '$env:ZOR_TOKEN = "{}"',
    "setx": "setx ZOR_API_KEY {}",
    "fish": "set -gx ZOR_TOKEN {}",
    "docker file": "ENV ZOR_TOKEN {}",
    "docker": "docker run -e ZOR_SECRET={} -p 80:80 img",
    "prose": "Your API key is {}.",
    "prose, several words": "Here you are.\nSecret access key: {}\nBye",
    "table": "| API key | {} |",
    "query": "see https://x.example/y?zor_token={}&a=1 for",
    "fragment": "https://x.example/#access_token={}&x=1",
    "oauth": "https://app.example/cb?state=q&code={}",
    "oauth, form": "grant_type=authorization_code&code={}&client_id=x",
    "name and value": '{{"key": "ZOR_SECRET", "value": "{}"}}',
    "value and name": '{{"value": "{}", "name": "ZOR_SECRET"}}',
    "clojure": '(def api-key "{}")',
    "kotlin": 'mapOf("apiKey" to "{}")',
    "environment, with a default": "const key = process.env.ZOR_KEY || '{}'",
    "log": 'level=info msg="login" token={} user=x',
    "httpie, header": "http GET https://x.example X-Api-Key:{}",
    "postman": '{{"key": "token", "value": "{}", "type": "string"}}',
    "android": '<string name="api_key">{}</string>',
    "rust": 'let api_token: &str = "{}";',
    "rust, constant": 'const API_KEY: &\'static str = "{}";',
    "go, constant": 'const apiToken string = "{}"',
    "c#, property": 'public string ApiKey {{ get; set; }} = "{}";',
    "ruby, default": "ENV['API_TOKEN'] ||= '{}'",
    "make": "API_TOKEN ?= {}",
    "yaml, tag": "api_token: !!str {}",
    "go, headers": "map[Accept:[*/*] X-Zor-Token:[{}]]",
    "python, secret": 'Settings(api_key=SecretStr("{}"))',
    "jwk": '{{"kty": "oct", "kid": "1", "k": "{}"}}',
}
OF_PASSWORDS = {
    "env": "ZOR_PASSWORD={}\n",
    "yaml": "db:\n  user: anna\n  password: {}\n  port: 3\n",
    "yaml, name and value": "env:\n  - name: DB_PASSWORD\n    value: {}\n",
    "compose": "environment:\n  - SMTP_PASSWORD={}\n  - X=1\n",
    "ini": "[mail]\nsmtp_pass = {}\n",
    "properties": "app.mail.password : {}\n",
    "python, repr": "Namespace(user='a', passwd='{}', n=1)",
    "ruby, symbols": '{{ :password => "{}", :n => 1 }}',
    "java, setter": 'ds.setPassword("{}");',
    "java, map": 'props.put("mail.password", "{}");',
    "go, struct": 'cfg := Config{{Password: "{}", N: 1}}',
    "php": "$db_password = '{}';",
    "graphql": 'mutation {{ signIn(email: "x", password: "{}") {{ id }} }}',
    "flag": 'zor --password "{}" x',
    "wget": "wget --password={} https://x.example",
    ".netrc": "machine a.example\n  login anna\n  password {}\n",
    ".netrc, one line": "machine a.example login anna password {}",
    ".pgpass": "db.example:5432:app:anna:{}",
    "dsn": "host=h user=u password={} dbname=d",
    "odbc": "Driver={{ODBC}};Server=s;Uid=u;Pwd={};",
    "jdbc": "jdbc:postgresql://h/db?user=u&password={}&ssl=true",
    "oracle": "jdbc:oracle:thin:scott/{}@//h:1521/x",
    "url": "mysql://anna:{}@db.example:3306/app",
    "url without a user": "redis://:{}@h.example:6379",
    "html": "<input type='password' name='pw' value='{}'/>",
    "xml": '<wsse:Password Type="x#PasswordText">{}</wsse:Password>',
    "xml, attribute": '<db user="a" password="{}"/>',
    "xml, entry": '<entry key="db.password">{}</entry>',
    "terraform": 'variable "db_password" {{\n  default = "{}"\n}}',
    "curl": "curl -XPOST --user 'anna:{}' https://x.example/y",
    "httpie": "http -a anna:{} https://x.example/",
    "docker login": "docker login -u anna -p {} r.example",
    "mysql": "mysqldump -h h -u root -p{} db",
    "sshpass": "sshpass -p '{}' ssh h",
    "redis": "redis-cli -h h -a {} ping",
    "openssl": "openssl rsa -in k -passin pass:{}",
    "powershell": "ConvertTo-SecureString '{}' -AsPlainText -Force",
    "sql": "CREATE USER a IDENTIFIED BY '{}';",
    "sql, role": "ALTER ROLE a WITH PASSWORD '{}';",
    "sql, function": "SET PASSWORD FOR 'a'@'%' = PASSWORD('{}');",
    "rails, log": 'Parameters: {{"user"=>"a", "password"=>"{}", "n"=>1}}',
    "java, toString": "User(name=anna, password={}, age=3)",
    "erlang": '{{password, "{}"}}',
    "clojure": '{{:user "a" :password "{}"}}',
    "visual basic": 'Dim password As String = "{}"',
    "python, pair": "requests.get(u, auth=('anna', '{}'))",
    "go, pair": 'req.SetBasicAuth("anna", "{}")',
    "jdbc, call": 'DriverManager.getConnection(url, "anna", "{}")',
    "shell, variable": "PGPASSWORD={} psql -h h",
    "kubectl": "kubectl create secret generic db --from-literal=pw={}",
    "windows": "net use x /user:anna {}",
    "ldif": "dn: x\nuserPassword: {}\n",
    "markdown": "**Password:** {}\n",
    "rust, string": 'password: String::from("{}"),',
    "go, dsn": "anna:{}@tcp(db.example:3306)/app?parseTime=true",
    "sql, sign": "SET PASSWORD FOR 'anna' = '{}'",
    "redis.conf": "port 6379\nrequirepass {}\nappendonly yes\n",
}

CODE = """
def login(user: str, password: str | None = None, *, token: Optional[Token] = None) -> Session:
    password = password or getpass.getpass("Password: ")
    secret = settings.client_secret
    api_key = os.environ["API_KEY"]
    token = tokens[index]
    self.access_token: OAuth2Token = response.json()["access_token"]
    headers = {"Authorization": f"Bearer {self._token()}", "X-Api-Key": API_KEY}
    pw = SecretStr(os.environ["PW"]); password: SecretStr = Field(...); secret = Secret("db-credentials")
    if password == "": raise ValueError("password: required")
    return get_token("client_credentials", key=lambda pair: pair[0])
    raw = Buffer.from(password, 'base64'); setattr(self, token, "default")
    kdf.HMAC256 = rust_openssl.kdf.PBKDF2HMAC

const API_KEY: &str = "YOUR_API_KEY"; public string Password { get; set; } = ""; const tokenType string = "bearer"
API_TOKEN ?= $(shell cat token)
interface Login { password: string; token?: string; secret: SecretRef; apiKey: string | undefined }
const token = await getToken(user); const { accessToken } = props; apiKey: process.env.API_KEY,
export API_KEY=$SERVICE_API_KEY
TOKEN=$(gcloud auth print-access-token)
curl -u "$USER:$PASSWORD" -H "Authorization: Bearer $TOKEN" https://api.example.com
SENSITIVE = ("authorization", "proxy-authorization", "x-api-key", "x-auth-token")
_EXPORTS = {"ClientSecrets": (".client_secrets", "ClientSecrets"), "bearer_token": "oauth2"}
"""
PROSE = """
Method signature: parse_args(argv). Cookie: chocolate_chip with nuts.
The password is required, and the token is returned by login; the secret is in the oven.
Key: the thing that opens a door. Password: at least 8 characters. Token: three little words.
Each resource is identified by its key. Authorization: see chapter 3. Pass: 12, fail: 3.
The next page token: see the cursor. Sort key: created_at_descending. Code: not_found.
"""
SETTINGS = """
max_tokens: 4000
next_page_token=8iLeqkcnJwA27GnEnnbAbfZ03zjPawKv
prompt_cache_key: user-profile-v2
storageKey: images/2026/01/photo-of-a-bridge-1200x800.jpg
PASSWORD=${DB_PASSWORD}
api_key: {{ vault.key }}
token: <your-token>
password: REDACTED
secretName: my-tls-secret
private_key: /etc/ssl/private/server.key
token_url: https://auth.example/token
PublicKeyToken=b03f5f7f11d50a3a
x-ratelimit-key: gpt-4o-mini-2024-07-18-global-batch
"""


def _values(text: str) -> list[str]:
    return [text[match.start : match.end] for match in assignments(text)]


@pytest.mark.parametrize("form", OF_TOKENS.values(), ids=OF_TOKENS.keys())
def test_finds_a_token_in_every_way_of_writing(form: str) -> None:
    for token in TOKENS:
        assert token in _values(form.format(token))


@pytest.mark.parametrize("form", OF_PASSWORDS.values(), ids=OF_PASSWORDS.keys())
def test_finds_a_password_in_every_way_of_writing(form: str) -> None:
    for password in PASSWORDS:
        assert password in _values(form.format(password))


@pytest.mark.parametrize("form", [*OF_TOKENS.values(), *OF_PASSWORDS.values()])
@pytest.mark.parametrize("text", ["REDACTED", "<API_KEY>", "${SECRET}", "********", "your-api-key-here"])
def test_leaves_placeholders(form: str, text: str) -> None:
    assert _values(form.format(text)) == []


@pytest.mark.parametrize("text", [CODE, PROSE, SETTINGS], ids=["code", "prose", "settings"])
def test_finds_nothing_where_nothing_is(text: str) -> None:
    assert [match.key for match in assignments(text)] == []
    for line in text.splitlines():
        assert _values(line) == []


@pytest.mark.parametrize("opening", ['{"a": 1, "api_key": "', '{\\"api_key\\": \\"', "API_KEY='", 'token = "'])
def test_finds_a_token_at_which_a_text_is_cut(opening: str) -> None:
    assert _values(opening + TOKENS[0]) == [TOKENS[0]]
    assert _values(opening + "never mind") == _values(opening + TOKENS[0][:4]) == _values(opening + "REDACTED") == []


def test_a_password_in_a_url_goes_whole_whatever_signs_it_holds() -> None:
    assert _values("postgres://bob:Zx81k@q02LmMfSt@db.example/app") == ["Zx81k@q02LmMfSt"]
    assert _values("amqp://bob:Zx81k#q02/LmMfSt@mq.example/") == ["Zx81k#q02/LmMfSt"]
    assert _values("https://example.com/@bob/a:b https://example.com:8080/c@d") == []


def test_every_code_for_recovery_goes() -> None:
    codes = ["7kdj2-m4xq9", "p2vvn-8sw3t", "q8xk2-hh3zv"]
    assert _values("Recovery codes:\n" + "\n".join(f"  {code}" for code in codes)) == codes
    assert _values('{"backup_codes": ["7kdj2-m4xq9", "p2vvn-8sw3t", "q8xk2-hh3zv"]}') == codes


def test_offsets_are_those_of_characters() -> None:
    text = "naïve 日本語 😀 — ZOR_TOKEN=" + TOKENS[0]
    assert _values(text) == [TOKENS[0]]


@given(st.text(alphabet=st.sampled_from([*list(string.printable), "é", "日", "😀", "\u2028"]), max_size=200))
def test_spans_lie_in_the_text(text: str) -> None:
    for around in (text, f"password={text}", f'"api_key": "{text}"', f"<token>{text}</token>", f"curl -u a:{text}"):
        for match in assignments(around):
            assert 0 <= match.start < match.end <= len(around)


@pytest.mark.parametrize(
    "piece",
    ["password=", 'token: "', "a:b@tcp(", "requirepass ", "set password for ", "token:[", "password: String::from(", "name=password ", "<password>", "secret ", "curl -u a ", 'kind: Secret\ndata:\n  a: "', "key=" * 3,
     "://a:b", '{"kty"', "Recovery codes:\n", "password is ", '"name": "token", ', "identified by '", "(((token", "value='x' "],
)  # fmt: skip
def test_steps_grow_with_the_text(piece: str) -> None:
    steps = [_calls(piece * size) for size in (250, 500, 1000)]
    for less, more in pairwise(steps):
        assert more < less * 2.5 + 1000


def _calls(text: str) -> int:
    """Return how many calls it takes to look through a text."""
    import sys

    count = 0

    def trace(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(trace)
    try:
        list(assignments(text))
    finally:
        sys.setprofile(None)
    return count
